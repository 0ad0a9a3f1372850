import { type Schedule, WEEKDAYS } from "@cadenza/contracts";
import { DAY_MINUTES, parseDate, parseTime } from "./parse.ts";

/** `[startMinute, endMinute)` of one local day. */
export type DayRange = { startMinute: number; endMinute: number };

/** A schedule in the form it is asked in: the ranges of each weekday, sorted and joined, and the days that are out. */
export type Week = {
  /** Monday first. */
  days: readonly (readonly DayRange[])[];
  /** Days since 1970-01-01. */
  blackoutDays: ReadonlySet<number>;
  empty: boolean;
};

const weeks = new WeakMap<Schedule, Week>();

/** Ranges past midnight are cut there, so that each local day is judged on its own (SCH-2). Faulty ranges admit nothing. */
export function weekOf(schedule: Schedule): Week {
  const known = weeks.get(schedule);
  if (known) return known;
  const days: DayRange[][] = WEEKDAYS.map(() => []);
  for (const range of schedule.ranges) {
    const weekday = WEEKDAYS.indexOf(range.weekday);
    const startMinute = parseTime(range.start, "start");
    const endMinute = parseTime(range.end, "end");
    if (weekday < 0 || startMinute === null || endMinute === null || startMinute === endMinute) continue;
    if (startMinute < endMinute) {
      days[weekday]!.push({ startMinute, endMinute });
      continue;
    }
    days[weekday]!.push({ startMinute, endMinute: DAY_MINUTES });
    if (endMinute > 0) days[(weekday + 1) % WEEKDAYS.length]!.push({ startMinute: 0, endMinute });
  }
  const blackoutDays = new Set(schedule.blackoutDates.map(parseDate).filter((day) => day !== null));
  const week = { days: days.map(joined), blackoutDays, empty: days.every((ranges) => ranges.length === 0) };
  weeks.set(schedule, week);
  return week;
}

/** The ranges of a local day, blackout dates considered. */
export function rangesOf(week: Week, day: number): readonly DayRange[] {
  // 1970-01-01 was a Thursday.
  return week.blackoutDays.has(day) ? [] : week.days[(((day + 3) % 7) + 7) % 7]!;
}

function joined(ranges: DayRange[]): DayRange[] {
  const result: DayRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.startMinute - b.startMinute)) {
    const last = result.at(-1);
    if (last && range.startMinute <= last.endMinute) last.endMinute = Math.max(last.endMinute, range.endMinute);
    else result.push({ ...range });
  }
  return result;
}
