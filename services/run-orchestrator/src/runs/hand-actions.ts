import type { Actor, Reason } from "@cadenza/contracts";
import type { Draft } from "./draft.ts";
import { endOfDelay, zoneOf } from "./due.ts";
import { effectUnknown } from "./give-up.ts";
import { currentExecution, isClaimed } from "./model.ts";
import { nextStep, stepOf } from "./next-step.ts";
import { REASONS, REFUSALS, SYSTEM } from "./reasons.ts";
import { settle } from "./settle.ts";
import { PENDING_AGAIN, takeUpStopped, withdrawEffect } from "./stopping.ts";

/** What people do to a run (RUN-5 to RUN-7). Each returns why not, or null once the draft has it. */

export function pause(draft: Draft, actor: Actor, reason: Reason = REASONS.pausedByHand): Reason | null {
  const { run } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  if (run.status !== "ACTIVE") return null;
  draft.setStatus("PAUSED", actor, reason);
  settle(draft);
  return null;
}

/** Calendar time went on meanwhile: what is over is due at once (RUN-6). */
export function resume(draft: Draft, actor: Actor): Reason | null {
  const { run, definition, now } = draft;
  if (run.status !== "PAUSED" && run.status !== "FINISHED" && run.status !== "GOAL_MET")
    return REFUSALS.notResumable(run.status);
  if (draft.facts.workflowStatus === "ARCHIVED") return REFUSALS.workflowArchived;
  takeUpStopped(draft);
  if (run.status !== "PAUSED" && !isStepLeft(draft)) return REFUSALS.nothingLeft;
  draft.setStatus("ACTIVE", actor, REASONS.resumedByHand);
  const current = draft.current();
  const step =
    current && !isClaimed(current) && current.attempt === 0 ? stepOf(definition.places, current.stepId) : null;
  if (current && step) {
    const end = endOfDelay(step, current.pendingSince, zoneOf(definition, draft.facts.contact, now));
    draft.updateCurrent({ dueAt: end > now ? end : now });
  }
  if (current?.status === "ERROR") draft.setStatus("ERROR", SYSTEM, current.reason);
  settle(draft);
  return null;
}

/** For a run that is over, taken up again where it was stopped. */
function isStepLeft({ run, definition: { places } }: Draft): boolean {
  const current = currentExecution(run);
  if (!current) return nextStep(places, run.executions) !== null;
  const before = run.executions.slice(0, -1);
  // One that only waited gives way to what the order says now; one that was processed ends where it stood, if at all.
  if (current.attempt === 0) return nextStep(places, before) !== null;
  if (stepOf(places, current.stepId)) return true;
  return nextStep(places, [...before, { ...current, status: "CANCELED" }]) !== null;
}

export function cancel(draft: Draft, actor: Actor, reason: Reason = REASONS.canceledByHand): Reason | null {
  const { run, now } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  withdrawEffect(draft, reason);
  if (draft.current()) draft.endCurrent("CANCELED", REASONS.runCanceled, now);
  draft.setStatus("CANCELED", actor, reason);
  settle(draft);
  return null;
}

/** The failed step is processed again, with today's definition, under a new key (RUN-5). */
export function retry(draft: Draft, actor: Actor): Reason | null {
  if (draft.run.status !== "ERROR") return REFUSALS.notRetryable(draft.run.status);
  draft.setStatus("ACTIVE", actor, REASONS.retriedByHand);
  if (effectUnknown(draft)) draft.updateCurrent({ status: "PROCESSING", reason: null });
  else if (draft.current()) draft.updateCurrent(PENDING_AGAIN);
  settle(draft);
  return null;
}

export function skipStep(draft: Draft, actor: Actor, stepId: string | null): Reason | null {
  const { run, now } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  const current = draft.current();
  if (!current || (stepId !== null && current.stepId !== stepId)) return REFUSALS.stepNotCurrent;
  withdrawEffect(draft, REASONS.skippedByHand);
  draft.endCurrent("SKIPPED", REASONS.skippedByHand, now);
  if (run.status === "ERROR") draft.setStatus("ACTIVE", actor, REASONS.skippedByHand);
  settle(draft);
  return null;
}

export function archive(draft: Draft, actor: Actor): void {
  if (draft.run.status === "ACTIVE") draft.setStatus("PAUSED", actor, REASONS.workflowArchived);
  settle(draft);
}

export function start(draft: Draft): void {
  draft.run.exclusivityGroup = draft.definition.exclusivity?.group ?? null;
  draft.setStatus("ACTIVE", draft.run.startedBy, REASONS.started);
  settle(draft);
}
