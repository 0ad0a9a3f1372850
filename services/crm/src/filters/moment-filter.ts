import type { Document } from "@cadenza/storage";
import { ANY_INSTANT, isoText } from "./iso-text.ts";

const DAY_MS = 24 * 3600 * 1000;

/** `{days}` from now, a date (its whole day in UTC), or an instant. */
type Moment = { days: number } | string;

/** Where a stored time stands to a moment, or within how many days up to now, as conditions read both. */
export function momentFilter(
  kind: "DATE" | "DATETIME" | "STAMP",
  op: "BEFORE" | "AFTER" | "WITHIN_LAST_DAYS",
  value: unknown,
  now: Date,
): Document {
  const read = { DATE: dateFilter, DATETIME: textFilter, STAMP: stampFilter }[kind];
  if (op !== "WITHIN_LAST_DAYS") return read(op, value as Moment, now);
  const end = now.getTime();
  const start = end - (value as number) * DAY_MS;
  if (kind === "DATE") return { $gte: dayOf(start), $lte: dayOf(end) };
  if (kind === "STAMP") return { $gte: new Date(start), $lte: new Date(end) };
  return { $gte: isoText(start).bound, $lte: isoText(end).bound };
}

type Order = "BEFORE" | "AFTER";

/** Dates against dates: of an instant, its date in UTC. */
function dateFilter(op: Order, moment: Moment, now: Date): Document {
  const day = typeof moment === "string" && isDay(moment) ? moment : dayOf(instantOf(moment, now));
  return op === "BEFORE" ? { $lt: day } : { $gt: day };
}

function textFilter(op: Order, moment: Moment, now: Date): Document {
  if (typeof moment === "string" && isDay(moment)) {
    // The text of an instant goes on behind its date with a T.
    return op === "BEFORE" ? { ...ANY_INSTANT, $lt: moment } : { $gt: `${moment}U` };
  }
  const { bound } = isoText(instantOf(moment, now));
  return op === "BEFORE" ? { ...ANY_INSTANT, $lt: bound } : { $gt: bound };
}

function stampFilter(op: Order, moment: Moment, now: Date): Document {
  if (typeof moment === "string" && isDay(moment)) {
    const start = Date.parse(`${moment}T00:00:00Z`);
    return op === "BEFORE" ? { $lt: new Date(start) } : { $gte: new Date(start + DAY_MS) };
  }
  const at = new Date(instantOf(moment, now));
  return op === "BEFORE" ? { $lt: at } : { $gt: at };
}

function instantOf(moment: Moment, now: Date): number {
  return typeof moment === "string" ? Date.parse(moment) : now.getTime() + moment.days * DAY_MS;
}

function isDay(moment: string): boolean {
  return moment.length === "YYYY-MM-DD".length;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
