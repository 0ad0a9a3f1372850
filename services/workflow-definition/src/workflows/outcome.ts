import type { WorkflowProblem } from "@cadenza/contracts";
import { type UserError, userError } from "@cadenza/subgraph";
import type { Workflow } from "./model.ts";

/**
 * What became of a change: the workflow as it is then, or what the caller can put right. `unresolved`: names of an import
 * that lead nowhere; the workflow cannot tell them any more.
 */
export type WorkflowOutcome =
  | { workflow: Workflow; unresolved?: WorkflowProblem[]; userErrors: [] }
  | { workflow: null; problems: WorkflowProblem[]; userErrors: UserError[] };

export function changed(workflow: Workflow): WorkflowOutcome {
  return { workflow, userErrors: [] };
}

export function refused(...userErrors: UserError[]): WorkflowOutcome {
  return { workflow: null, problems: [], userErrors };
}

export function workflowNotFound(path: readonly string[]): WorkflowOutcome {
  return refused(userError("NOT_FOUND", "There is no such workflow.", path));
}

export function hasProblems(problems: WorkflowProblem[], what: string): WorkflowOutcome {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const error = userError("WORKFLOW_HAS_PROBLEMS", `${what}: the workflow has ${count}, named in \`problems\`.`);
  return { workflow: null, problems, userErrors: [error] };
}
