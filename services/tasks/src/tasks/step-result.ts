import type { Reason, StepResult } from "@cadenza/contracts";
import type { TaskOrigin } from "./model.ts";

type Ending = { outcome: StepResult["outcome"]; reason?: Reason | null; taskId?: string | null; at: Date };

/** What became of the step that a command or a task belongs to. */
export function stepResult(
  origin: Pick<TaskOrigin, "key" | "runId" | "stepId" | "attempt">,
  ending: Ending,
): StepResult {
  const { key, runId, stepId, attempt } = origin;
  const { outcome, reason = null, taskId = null, at } = ending;
  return { key, runId, stepId, attempt, outcome, reason, messageId: null, taskId, changes: null, at };
}
