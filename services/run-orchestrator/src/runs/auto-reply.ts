import { startOfDate } from "@cadenza/schedule";
import type { Draft } from "./draft.ts";
import { zoneOf } from "./due.ts";
import { settle } from "./settle.ts";

/** The contact is away until a date (GOAL-2); a later auto-reply replaces an earlier one, a date that is past says nothing. */
export function holdForAutoReply(draft: Draft, untilDate: string): void {
  const { run, definition, facts, now } = draft;
  const until = startOfDate(untilDate, zoneOf(definition, facts.contact, now));
  if (!run.open || !until || until <= now) return;
  run.holdUntilDate = untilDate;
  settle(draft);
}
