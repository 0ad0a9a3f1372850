import { COMMUNICATION_KINDS, type Definition, type Reason, type Step } from "@cadenza/contracts";
import { alarmOfClaim, askAgainAt, recheckWindowAt } from "./alarms.ts";
import { commandFor, withdrawalFor } from "./commands.ts";
import type { Draft } from "./draft.ts";
import { awayUntil, dueHangsOnContact, endOfDelay, openingFor, retimed, windowHangsOnContact, zoneOf } from "./due.ts";
import { isClaimed, type StepExecution } from "./model.ts";
import { nextStep, stepOf } from "./next-step.ts";
import { REASONS, SYSTEM } from "./reasons.ts";

/** Brings a run to where it belongs under today's definition, as far as it may go at `now`, and sets its alarm. */
export function settle(draft: Draft): void {
  const { run } = draft;
  if (run.status === "ACTIVE" && draft.facts.workflowStatus === "ARCHIVED")
    draft.setStatus("PAUSED", SYSTEM, REASONS.workflowArchived);
  if (run.status !== "ACTIVE" && run.status !== "PAUSED") {
    run.wakeAt = null;
    return;
  }
  const step = findPlace(draft);
  const current = draft.current();
  if (!current) {
    if (run.status === "ACTIVE") draft.setStatus("FINISHED", SYSTEM, REASONS.stepsEnded);
    run.wakeAt = null;
  } else if (isClaimed(current)) keepAsking(draft, current);
  else if (run.status === "PAUSED" || !step) {
    if (step) reviewHold(draft, current, step);
    run.wakeAt = null;
  } else process(draft, current, step);
}

/** After an edit the zone of a paused run's contact is wanted too, where what the run shows hangs on it. */
export function wantZoneOfPaused(draft: Draft): void {
  const current = draft.current();
  const step = current && !isClaimed(current) && stepOf(draft.definition.places, current.stepId);
  if (draft.run.status === "PAUSED" && step && hangsOnUnknownZone(draft, step, current.status === "HELD"))
    draft.want({ contact: true });
}

/**
 * While the current step waits for its delay or window it follows every edit (EDIT-1 to EDIT-3); once claimed it does not,
 * but its effect is withdrawn when it is removed (EDIT-4). @returns the step of the waiting execution.
 */
function findPlace(draft: Draft): Step | null {
  const { places } = draft.definition;
  const current = draft.current();
  if (current && isClaimed(current)) {
    if (!stepOf(places, current.stepId)) withdrawRemoved(draft, current);
    return null;
  }
  // A step that was processed before has a name for its next effect to keep, so it cannot give way and come back as new.
  if (current && current.attempt > 0) {
    const step = stepOf(places, current.stepId);
    if (step) {
      draft.updateCurrent({ name: step.name });
      return step;
    }
    draft.endCurrent("CANCELED", REASONS.stepRemoved, draft.since);
    return findPlace(draft);
  }
  const next = nextStep(places, draft.run.executions);
  if (current && current.stepId !== next?.id) draft.dropCurrent();
  if (!next) return null;
  const zone = zoneOf(draft.definition, draft.facts.contact, draft.now);
  if (current?.stepId === next.id)
    draft.updateCurrent({ kind: next.kind, name: next.name, dueAt: retimed(current, next, zone, draft.since) });
  else draft.makeCurrent(next, endOfDelay(next, draft.since, zone));
  return next;
}

function withdrawRemoved(draft: Draft, current: StepExecution): void {
  if (current.withdrawing) return;
  const command = withdrawalFor(draft.run, current, REASONS.stepRemoved, draft.now);
  if (!command) return;
  draft.commands.push(command);
  draft.updateCurrent({ withdrawing: REASONS.stepRemoved });
  draft.run.wakeAt = askAgainAt(draft.current() ?? current, draft.now);
}

/** Nothing waits without an alarm: what was asked for and not answered is asked for again, under the same name. */
function keepAsking(draft: Draft, current: StepExecution): void {
  const { run, now } = draft;
  if (run.wakeAt && run.wakeAt > now) return;
  const claimedUnder =
    current.revision === draft.definition.revision ? draft.definition : draft.facts.claimedDefinition;
  if (claimedUnder === undefined && !current.withdrawing) {
    draft.want({ claimedRevision: current.revision });
    return;
  }
  const step = stepOf((claimedUnder ?? draft.definition).places, current.stepId);
  const command = current.withdrawing
    ? withdrawalFor(run, current, current.withdrawing, now)
    : step &&
      commandFor(step, current, { run, definition: claimedUnder ?? draft.definition, at: current.startedAt ?? now });
  if (command && "kind" in command) draft.commands.push(command);
  run.wakeAt = askAgainAt(current, now);
}

/** What keeps a paused run's step back is shown as it is by now; nothing is processed (EDIT-2, SCH-8). */
function reviewHold(draft: Draft, current: StepExecution, step: Step): void {
  if (current.status !== "HELD" || hangsOnUnknownZone(draft, step, true)) return;
  const hold = current.dueAt <= draft.now ? holdFor(draft, step) : null;
  if (hold) draft.updateCurrent({ reason: hold.reason, heldUntil: hold.until });
  else draft.updateCurrent({ status: "PENDING", reason: null, heldUntil: null });
}

function hangsOnUnknownZone({ definition, facts, run }: Draft, step: Step, due: boolean): boolean {
  if (facts.contact !== undefined) return false;
  if (dueHangsOnContact(step, definition)) return true;
  return due && windowHangsOnContact(step, definition, Boolean(run.holdUntilDate));
}

function process(draft: Draft, current: StepExecution, step: Step): void {
  const { definition, run, now } = draft;
  const due = current.dueAt <= now;
  if (hangsOnUnknownZone(draft, step, due)) {
    draft.want({ contact: true });
    return;
  }
  if (!due) {
    draft.updateCurrent({ status: "PENDING", reason: null, heldUntil: null });
    run.wakeAt = current.dueAt;
    return;
  }
  const hold = holdFor(draft, step);
  if (!hold) {
    claim(draft, current, step, definition);
    return;
  }
  draft.updateCurrent({ status: "HELD", reason: hold.reason, heldUntil: hold.until });
  run.wakeAt = hold.until ?? recheckWindowAt(now);
}

/** What keeps a due step back: the contact's absence, after it the window (GOAL-2, SCH-3). */
function holdFor({ definition, facts, run, now }: Draft, step: Step): { reason: Reason; until: Date | null } | null {
  const zone = zoneOf(definition, facts.contact, now);
  const backAt = awayUntil(run.holdUntilDate, step, zone, now);
  if (backAt) return { reason: REASONS.autoReply, until: backAt };
  const opening = openingFor(step, definition, zone, now);
  return opening.open ? null : opening;
}

function claim(draft: Draft, current: StepExecution, step: Step, definition: Definition): void {
  const { run, now } = draft;
  draft.updateCurrent({
    status: "PROCESSING",
    reason: null,
    revision: definition.revision,
    heldUntil: null,
    noticeAt: null,
    startedAt: now,
    attempt: current.attempt + 1,
    messageId: null,
    taskId: null,
  });
  const claimed = draft.current() ?? current;
  const command = commandFor(step, claimed, { run, definition, at: now });
  if (!("kind" in command)) {
    draft.updateCurrent({ status: "ERROR", reason: command });
    draft.setStatus("ERROR", SYSTEM, command);
    run.wakeAt = null;
    return;
  }
  draft.commands.push(command);
  if (COMMUNICATION_KINDS.has(step.kind)) run.holdUntilDate = null;
  run.wakeAt = alarmOfClaim(run.wakeAt, now);
}
