import type { Reason } from "@cadenza/contracts";
import { withdrawalFor } from "./commands.ts";
import type { Draft } from "./draft.ts";
import { effectUnknown } from "./give-up.ts";
import { isClaimed, type StepExecution } from "./model.ts";
import { GOAL_REASONS, MARKED_AS_RESPONDED } from "./reasons.ts";

/**
 * A goal stops the step a run stands at without giving it up: where the run is taken up again, that step comes next. Its
 * effect happens once nevertheless (RUN-4): `withdrawing` stays set until the fate of what was under way is told, and only
 * then may there be another attempt.
 */
const STOPPING: ReadonlySet<string> = new Set([...Object.keys(GOAL_REASONS), MARKED_AS_RESPONDED.code]);
const UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME";

export function isStopping(reason: Reason | null): boolean {
  return reason !== null && STOPPING.has(reason.code);
}

/** Takes back what the current step has made, or may have made, and has not been told the end of. */
export function withdrawEffect(draft: Draft, reason: Reason): void {
  const current = draft.current();
  if (!current || current.withdrawing || !(isClaimed(current) || effectUnknown(draft))) return;
  const command = withdrawalFor(draft.run, current, reason, draft.now);
  if (command) draft.commands.push(command);
}

/** Ends the current step because of a goal. */
export function stopCurrent(draft: Draft, reason: Reason): void {
  const current = draft.current();
  if (!current) return;
  const isUnknown = current.status === "ERROR" && current.reason?.code === UNKNOWN_OUTCOME;
  const isUnanswered = isUnknown || isClaimed(current) || effectUnknown(draft);
  withdrawEffect(draft, reason);
  draft.endCurrent("CANCELED", isUnknown ? current.reason : reason, draft.now);
  if (isUnanswered) draft.updateCurrent({ withdrawing: reason });
}

/** The run is taken up again at the step that a goal stopped; at the one after it where that happened after all. */
export function takeUpStopped(draft: Draft): void {
  const last = draft.run.executions.at(-1);
  if (!last || draft.run.status !== "GOAL_MET" || last.status !== "CANCELED") return;
  if (!last.withdrawing && !isStopping(last.reason)) return;
  draft.updateCurrent({ endedAt: null, ...whereStopped(draft, last) });
  // What is not known yet is asked for at once.
  draft.run.wakeAt = null;
}

function whereStopped(draft: Draft, stopped: StepExecution): Partial<StepExecution> {
  if (!stopped.withdrawing) return PENDING_AGAIN;
  // A person says what became of it (SND-3).
  if (stopped.reason?.code === UNKNOWN_OUTCOME) return { status: "ERROR", withdrawing: null };
  const canWithdraw = withdrawalFor(draft.run, stopped, stopped.withdrawing, draft.now) !== null;
  return canWithdraw ? { status: "WAITING", reason: null } : { status: "PROCESSING", reason: null, withdrawing: null };
}

/** The step waits for its next attempt. */
export const PENDING_AGAIN = {
  status: "PENDING",
  reason: null,
  revision: null,
  withdrawing: null,
  heldUntil: null,
} as const;
