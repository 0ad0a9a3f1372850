import { COMMUNICATION_KINDS, type Definition, type Reason, type Step } from "@cadenza/contracts";
import { dueAfter, isBlackedOut, nextOpen, startOfDate, zoneFor } from "@cadenza/schedule";
import type { ZoneFacts } from "./decision.ts";
import { REASONS } from "./reasons.ts";

/**
 * The zone that counts calendar days and windows: the schedule's by its rule (SCH-1), without a schedule the
 * organization's (SCH-5). A contact that was not looked up counts as one that tells nothing.
 */
export function zoneOf(definition: Definition, contact: ZoneFacts | null | undefined, at: Date): string {
  const { schedule } = definition;
  if (!schedule) return definition.organizationTimeZone;
  return zoneFor(schedule, { contactTimeZone: contact?.timeZone ?? null, phones: contact?.phones ?? [], at });
}

/** Whether when the step is due hangs on where the contact is. */
export function dueHangsOnContact(step: Step, definition: Definition): boolean {
  return definition.schedule?.zoneMode === "RECIPIENT" && step.delay.unit === "DAY" && step.delay.amount > 0;
}

/** Whether the step's window, or the end of an absence that an auto-reply told of, hangs on where the contact is. */
export function windowHangsOnContact(step: Step, definition: Definition, isAway: boolean): boolean {
  if (definition.schedule?.zoneMode !== "RECIPIENT") return false;
  return isAway ? COMMUNICATION_KINDS.has(step.kind) : keepsWindow(step);
}

/** The end of the delay alone, counted from when the step became current. */
export function endOfDelay(step: Step, since: Date, zone: string): Date {
  return step.delay.amount === 0 ? since : dueAfter(since, step.delay, zone);
}

/**
 * When a waiting step is due under today's definition (EDIT-3): `max(now, pendingSince + delay)`. What is already due stays
 * so, unless a longer delay puts it off; what keeps its delay keeps its instant, so saving the same delay twice changes nothing.
 * @param now when the definition was edited, where that is what is followed.
 */
export function retimed(waiting: { pendingSince: Date; dueAt: Date }, step: Step, zone: string, now: Date): Date {
  const end = endOfDelay(step, waiting.pendingSince, zone);
  if (end > now) return end;
  return waiting.dueAt > now ? now : waiting.dueAt;
}

export type Opening = { open: true } | { open: false; reason: Reason; until: Date | null };

/** Whether the step may be processed at `now`, and if not, when (SCH-3, SCH-4, SCH-6). */
export function openingFor(step: Step, definition: Definition, zone: string, now: Date): Opening {
  if (!definition.schedule || !keepsWindow(step)) return { open: true };
  const opensAt = nextOpen(definition.schedule, zone, now);
  if (opensAt === null) return { open: false, reason: REASONS.noWindow, until: null };
  if (opensAt <= now) return { open: true };
  const blackedOut = isBlackedOut(definition.schedule, zone, now);
  return { open: false, reason: blackedOut ? REASONS.blackout : REASONS.outsideWindow, until: opensAt };
}

/**
 * Until when an auto-reply keeps the step back; null where it does not. `ignoreSchedule` is about windows, not about absence.
 * @param holdUntilDate the run's.
 */
export function awayUntil(holdUntilDate: string | null, step: Step, zone: string, now: Date): Date | null {
  if (!holdUntilDate || !COMMUNICATION_KINDS.has(step.kind)) return null;
  const until = startOfDate(holdUntilDate, zone);
  return until && until > now ? until : null;
}

function keepsWindow(step: Step): boolean {
  return COMMUNICATION_KINDS.has(step.kind) && !("ignoreSchedule" in step && step.ignoreSchedule);
}
