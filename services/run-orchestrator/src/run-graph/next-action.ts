import type { Reason, StepKind } from "@cadenza/contracts";
import { shownStatus } from "../runs/held-back.ts";
import { currentExecution, type ExecutionStatus, type Run } from "../runs/model.ts";

export type NextAction = {
  stepId: string;
  kind: StepKind;
  status: ExecutionStatus;
  at: Date | null;
  held: Reason | null;
};

/** What an open run does next, when, and why not sooner (RUN-3); null for a run that has ended. */
export function nextAction(run: Pick<Run, "open" | "executions">): NextAction | null {
  const current = run.open ? currentExecution(run) : null;
  if (!current) return null;
  const { stepId, kind, dueAt, heldUntil, reason } = current;
  const status = shownStatus(current);
  const isHeld = status === "HELD";
  return { stepId, kind, status, at: isHeld ? heldUntil : dueAt, held: isHeld ? reason : null };
}
