import { Decimal } from "decimal.js";
import { isRecord } from "./condition-shape.ts";

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
/** RFC 3339, with the zone spelled out. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const NUMBER = /^-?\d{1,30}(?:\.\d{1,30})?$/;

/** A calendar date that exists. */
export function isDate(value: unknown): value is string {
  return typeof value === "string" && DATE.test(value) && isoDate(Date.parse(`${value}T00:00:00Z`)) === value;
}

export function isInstant(value: unknown): value is string {
  return (
    typeof value === "string" && INSTANT.test(value) && isDate(value.slice(0, 10)) && !Number.isNaN(Date.parse(value))
  );
}

/** A finite number, or one as text. */
export function isNumeric(value: unknown): value is number | string {
  return typeof value === "number" ? Number.isFinite(value) : typeof value === "string" && NUMBER.test(value);
}

export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Money stands for its amount. */
export function scalarOf(value: unknown): unknown {
  return isRecord(value) && isNumeric(value["amount"]) ? new Decimal(value["amount"]) : value;
}

/** Text exactly, numbers by value, instants by the moment, lists as sets. */
export function isEqual(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(actual) || Array.isArray(expected)) return isSameSet(listOf(actual), listOf(expected));
  const [a, b] = [scalarOf(actual), scalarOf(expected)];
  if (a === b) return true;
  if (typeof a === "string" && typeof b === "string")
    return isInstant(a) && isInstant(b) && Date.parse(a) === Date.parse(b);
  const [x, y] = [numberOf(a), numberOf(b)];
  return x !== null && y !== null && x.equals(y);
}

/**
 * Whether a value is as it was. Unlike `isEqual` it looks at everything: the order of a list, the currency of money.
 */
export function isUnchanged(before: unknown, after: unknown): boolean {
  if (isEmpty(before) || isEmpty(after)) return isEmpty(before) && isEmpty(after);
  if (Array.isArray(before) && Array.isArray(after))
    return before.length === after.length && before.every((entry, index) => isUnchanged(entry, after[index]));
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    // Money: its amount is a number, however it is written.
    if (names.delete("amount") && !isSameNumber(own(before, "amount"), own(after, "amount"))) return false;
    return [...names].every((name) => isUnchanged(own(before, name), own(after, name)));
  }
  return isEqual(before, after);
}

function isSameNumber(before: unknown, after: unknown): boolean {
  return compareNumbers(before, after) === 0 || isUnchanged(before, after);
}

function own(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : null;
}

/** How two numbers stand; null where one of them is none. */
export function compareNumbers(actual: unknown, expected: unknown): number | null {
  const [a, b] = [numberOf(scalarOf(actual)), numberOf(scalarOf(expected))];
  return a && b ? a.comparedTo(b) : null;
}

/**
 * A text without regard to case, letter by letter, so that a database can find the same: İ is an i, and a sigma one letter
 * wherever it stands in the word.
 */
export function foldCase(text: string): string {
  return text.replaceAll("İ", "i").toLowerCase().replaceAll("ς", "σ");
}

/** A list has the entry; a text has the words, whatever their case. */
export function contains(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(actual)) return actual.some((entry) => isEqual(entry, expected));
  if (typeof actual === "string" && typeof expected === "string") return foldCase(actual).includes(foldCase(expected));
  return !isEmpty(actual) && isEqual(actual, expected);
}

export function isIn(actual: unknown, expected: unknown): boolean {
  const entries = Array.isArray(actual) ? actual : isEmpty(actual) ? [] : [actual];
  return listOf(expected).some((candidate) => entries.some((entry) => isEqual(entry, candidate)));
}

/**
 * Where `actual` stands to a moment: -1 before, 0 in it, 1 after; null where it is no time. A date is its whole day in
 * UTC; `{days}` is that many days of 24 hours from now, for a date field the UTC date of that instant.
 */
export function compareToMoment(actual: unknown, moment: unknown, now: Date): number | null {
  const isDay = isDate(actual);
  if (!isDay && !isInstant(actual)) return null;
  if (isRecord(moment)) {
    const at = now.getTime() + Number(moment["days"]) * DAY_MS;
    if (Number.isNaN(new Date(at).getTime())) return null;
    return isDay ? sign(actual, isoDate(at)) : Math.sign(Date.parse(actual) - at);
  }
  if (isDate(moment)) return sign(isDay ? actual : isoDate(Date.parse(actual)), moment);
  if (!isInstant(moment)) return null;
  return isDay ? sign(actual, isoDate(Date.parse(moment))) : Math.sign(Date.parse(actual) - Date.parse(moment));
}

/** Not in the future, and at most so many days ago. */
export function isWithinLastDays(actual: unknown, days: unknown, now: Date): boolean {
  if (typeof days !== "number") return false;
  const sinceStart = compareToMoment(actual, { days: -days }, now);
  const untilNow = compareToMoment(actual, { days: 0 }, now);
  return sinceStart !== null && untilNow !== null && sinceStart >= 0 && untilNow <= 0;
}

function numberOf(value: unknown): Decimal | null {
  if (value instanceof Decimal) return value;
  return isNumeric(value) ? new Decimal(value) : null;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isEmpty(value) ? [] : [value];
}

function isSameSet(a: readonly unknown[], b: readonly unknown[]): boolean {
  const holds = (list: readonly unknown[], entry: unknown): boolean => list.some((other) => isEqual(other, entry));
  return a.every((entry) => holds(b, entry)) && b.every((entry) => holds(a, entry));
}

function isoDate(ms: number): string {
  return Number.isNaN(ms) ? "" : new Date(ms).toISOString().slice(0, 10);
}

function sign(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
