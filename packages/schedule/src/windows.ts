import { type Schedule, WEEKDAYS } from "@cadenza/contracts";
import { DAY_MS, dayOf, instantOf, localOf, MINUTE_MS } from "./local-time.ts";
import { rangesOf, weekOf } from "./week.ts";
import { ZoneOffsets } from "./zone-offsets.ts";

/** How far a window is looked for (SCH-6). */
const HORIZON_DAYS = 400;

/** Half-open, in UTC milliseconds. */
type Window = { startMs: number; endMs: number };

/**
 * The first instant at or after `from` that lies in a range on a date that is not blacked out (SCH-3). No schedule means
 * any time. Null where there is none within 400 days (SCH-6). Local times are read in `timeZone` (see `zoneFor`).
 * @throws UnknownTimeZoneError
 */
export function nextOpen(schedule: Schedule | null, timeZone: string, from: Date): Date | null {
  if (!schedule) return from;
  const window = firstWindow(schedule, timeZone, from.getTime());
  if (!window) return null;
  return window.startMs <= from.getTime() ? from : new Date(window.startMs);
}

/** Whether `at` lies in a range on a date that is not blacked out. */
export function isOpen(schedule: Schedule | null, timeZone: string, at: Date): boolean {
  return nextOpen(schedule, timeZone, at)?.getTime() === at.getTime();
}

/** Whether the local date at `at` is blacked out (SCH-2). */
export function isBlackedOut(schedule: Schedule | null, timeZone: string, at: Date): boolean {
  return schedule !== null && schedule.blackoutDates.length > 0 && !isOpen(blackoutsOf(schedule), timeZone, at);
}

/**
 * The end of the open stretch that `at` lies in, ranges that touch counting as one. Null where `at` is not open, where
 * there is no schedule, and where the stretch does not end within 400 days.
 */
export function closesAt(schedule: Schedule | null, timeZone: string, at: Date): Date | null {
  if (!schedule) return null;
  const atMs = at.getTime();
  let endMs: number | null = null;
  for (const window of windowsFrom(schedule, timeZone, atMs)) {
    if (window.startMs > (endMs ?? atMs)) return endMs === null ? null : new Date(endMs);
    endMs = window.endMs;
  }
  const lastMs = atMs + HORIZON_DAYS * DAY_MS;
  return endMs === null || endMs >= lastMs ? null : new Date(endMs);
}

const ALL_DAY = WEEKDAYS.map((weekday) => ({ weekday, start: "00:00", end: "24:00" }));
const blackouts = new WeakMap<Schedule, Schedule>();

/** The schedule's blackout dates alone: closed on them, open on every other day. */
function blackoutsOf(schedule: Schedule): Schedule {
  const known = blackouts.get(schedule);
  if (known) return known;
  const alone = { ...schedule, ranges: ALL_DAY };
  blackouts.set(schedule, alone);
  return alone;
}

function firstWindow(schedule: Schedule, timeZone: string, fromMs: number): Window | null {
  for (const window of windowsFrom(schedule, timeZone, fromMs)) return window;
  return null;
}

/** Windows that end after `fromMs`, in order, as long as they start within the horizon. */
function* windowsFrom(schedule: Schedule, timeZone: string, fromMs: number): Generator<Window, void> {
  const week = weekOf(schedule);
  const zone = ZoneOffsets.of(timeZone);
  if (week.empty) return;
  const lastMs = fromMs + HORIZON_DAYS * DAY_MS;
  // A stretch of local time that a clock put back repeats may belong to the day before, whose ranges are over by then.
  for (let day = dayOf(localOf(zone, fromMs)); ; day++) {
    const midnight = day * DAY_MS;
    if (midnight - DAY_MS > lastMs) return;
    for (const { startMinute, endMinute } of rangesOf(week, day)) {
      const endMs = instantOf(zone, midnight + endMinute * MINUTE_MS);
      if (endMs <= fromMs) continue;
      const startMs = instantOf(zone, midnight + startMinute * MINUTE_MS);
      if (startMs > lastMs) return;
      // A range within a gap has no instant at all.
      if (startMs < endMs) yield { startMs, endMs };
    }
  }
}
