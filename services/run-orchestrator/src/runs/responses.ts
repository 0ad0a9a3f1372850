import type { Actor, Reason } from "@cadenza/contracts";
import type { Draft } from "./draft.ts";
import { answeredByGoalAt } from "./goals.ts";
import { resume } from "./hand-actions.ts";
import { isClaimed } from "./model.ts";
import { MARKED_AS_RESPONDED, REFUSALS } from "./reasons.ts";
import { settle } from "./settle.ts";
import { withdrawEffect } from "./stopping.ts";

/**
 * "Mark as responded" on a call (GOAL-4): the contact counts as converted, and the run is paused, with what is queued
 * stopped (GOAL-5). A run that stands still for another reason goes on doing so, and only remembers.
 */
export function markResponded(draft: Draft, callId: string, actor: Actor): Reason | null {
  const { run, definition, now } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  if (!definition.goals.markedAsResponded) return REFUSALS.goalOff;
  if (isPausedByCall(draft)) return null;
  run.respondedAt ??= now;
  run.respondedCallId = callId;
  stopMessage(draft);
  if (run.status === "ACTIVE") draft.setStatus("PAUSED", actor, MARKED_AS_RESPONDED);
  settle(draft);
  return null;
}

/** Undoes exactly that: a run that stands still for another reason stays so. */
export function resumeFromCall(draft: Draft, callId: string, actor: Actor): Reason | null {
  const { run } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  if (run.respondedCallId !== callId) return REFUSALS.notMarkedByCall;
  const isPaused = isPausedByCall(draft);
  run.respondedCallId = null;
  run.respondedAt = answeredByGoalAt(draft);
  return isPaused ? resume(draft, actor) : null;
}

function isPausedByCall({ run }: Draft): boolean {
  return run.status === "PAUSED" && run.reason?.code === MARKED_AS_RESPONDED.code;
}

/** Tasks of the run stay with those who have them. */
function stopMessage(draft: Draft): void {
  const current = draft.current();
  if (!current || !isClaimed(current) || current.withdrawing) return;
  if (current.kind !== "EMAIL" && current.kind !== "SMS") return;
  withdrawEffect(draft, MARKED_AS_RESPONDED);
  draft.updateCurrent({ withdrawing: MARKED_AS_RESPONDED });
}
