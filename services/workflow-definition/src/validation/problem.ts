/** Adds a problem of one step, or of the workflow's settings. */
export type Report = (code: string, field: string, message: string) => void;
