/** One thing that stands in the way of activation (WF-5). `field` is a path as in the input: `email.templateId`. */
export type WorkflowProblem = { code: string; message: string; stepId: string | null; field: string | null };

/** Adds a problem of one step, or of the workflow's settings. */
export type Report = (code: string, field: string, message: string) => void;
