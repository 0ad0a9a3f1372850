import { type Actor, COMMUNICATION_KINDS, type Reason } from "@cadenza/contracts";
import { withdrawalFor } from "./commands.ts";
import type { Draft } from "./draft.ts";
import { endOfDelay, zoneOf } from "./due.ts";
import { effectUnknown } from "./give-up.ts";
import { nextStep, stepOf } from "./next-step.ts";
import { REASONS, REFUSALS } from "./reasons.ts";
import { isClaimed, settle } from "./settle.ts";

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
  if (run.status !== "PAUSED" && !draft.current() && !nextStep(definition.places, run.executions))
    return REFUSALS.nothingLeft;
  draft.setStatus("ACTIVE", actor, REASONS.resumedByHand);
  const current = draft.current();
  const step =
    current && !isClaimed(current) && current.attempt === 0 ? stepOf(definition.places, current.stepId) : null;
  if (current && step) {
    const end = endOfDelay(step, current.pendingSince, zoneOf(definition, draft.facts.contact, now));
    draft.updateCurrent({ dueAt: end > now ? end : now });
  }
  settle(draft);
  return null;
}

export function cancel(draft: Draft, actor: Actor, reason: Reason = REASONS.canceledByHand): Reason | null {
  const { run, now } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  withdrawOpenEffect(draft, reason);
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
  else if (draft.current()) draft.updateCurrent({ status: "PENDING", reason: null, revision: null, withdrawing: null });
  settle(draft);
  return null;
}

export function skipStep(draft: Draft, actor: Actor, stepId: string | null): Reason | null {
  const { run, now } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  const current = draft.current();
  if (!current || (stepId !== null && current.stepId !== stepId)) return REFUSALS.stepNotCurrent;
  withdrawOpenEffect(draft, REASONS.skippedByHand);
  draft.endCurrent("SKIPPED", REASONS.skippedByHand, now);
  if (run.status === "ERROR") draft.setStatus("ACTIVE", actor, REASONS.skippedByHand);
  settle(draft);
  return null;
}

/** Fixed while a message is under way (ENR-4). */
export function changeRecipient(draft: Draft, contactId: string, ordinal: number): Reason | null {
  const { run } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  if (run.contactId === contactId) return null;
  const current = draft.current();
  if (current && isClaimed(current) && COMMUNICATION_KINDS.has(current.kind)) return REFUSALS.communicationStepOpen;
  run.contactId = contactId;
  run.ordinal = ordinal;
  // What was found of the old contact says nothing of the new one.
  if (draft.facts.contact) draft.forgetContact();
  settle(draft);
  return null;
}

export function archive(draft: Draft, actor: Actor): void {
  if (draft.run.status === "ACTIVE") draft.setStatus("PAUSED", actor, REASONS.workflowArchived);
  settle(draft);
}

export function start(draft: Draft): void {
  draft.setStatus("ACTIVE", draft.run.startedBy, REASONS.started);
  settle(draft);
}

function withdrawOpenEffect(draft: Draft, reason: Reason): void {
  const current = draft.current();
  if (!current || !isClaimed(current) || current.withdrawing) return;
  const command = withdrawalFor(draft.run, current, reason, draft.now);
  if (command) draft.commands.push(command);
}
