import { type Schedule, WEEKDAYS } from "@cadenza/contracts";
import { parseDate, parseTime } from "./parse.ts";
import { isTimeZone } from "./zone-offsets.ts";

export const SCHEDULE_PROBLEM_CODES = [
  "EMPTY_SCHEDULE",
  "EMPTY_RANGE",
  "INVALID_TIME",
  "INVALID_WEEKDAY",
  "INVALID_DATE",
  "INVALID_TIME_ZONE",
] as const;
export type ScheduleProblemCode = (typeof SCHEDULE_PROBLEM_CODES)[number];

/** `field` is the path to the value at fault, such as `schedule.ranges.0.start`. */
export type ScheduleProblem = { code: ScheduleProblemCode; message: string; field: string };

/** What keeps a schedule from being used in an active workflow (WF-5); empty where nothing does. */
export function scheduleProblems(schedule: Schedule): ScheduleProblem[] {
  const problems: ScheduleProblem[] = [];
  const add = (code: ScheduleProblemCode, field: string, message: string): void => {
    problems.push({ code, message, field: `schedule.${field}` });
  };
  if (!isTimeZone(schedule.timeZone)) {
    add("INVALID_TIME_ZONE", "timeZone", `"${schedule.timeZone}" is not an IANA time zone such as Europe/Berlin.`);
  }
  if (schedule.ranges.length === 0) {
    add("EMPTY_SCHEDULE", "ranges", "The schedule has no ranges; add one, or remove the schedule to send at any time.");
  }
  for (const [index, { weekday, start, end }] of schedule.ranges.entries()) {
    const at = `ranges.${index}`;
    if (!WEEKDAYS.includes(weekday)) add("INVALID_WEEKDAY", `${at}.weekday`, `"${weekday}" is not a weekday.`);
    const startMinute = parseTime(start, "start");
    const endMinute = parseTime(end, "end");
    if (startMinute === null) {
      add("INVALID_TIME", `${at}.start`, `"${start}" is not a time from 00:00 to 23:59.`);
    }
    if (endMinute === null) {
      add("INVALID_TIME", `${at}.end`, `"${end}" is not a time from 00:00 to 24:00.`);
    }
    if (startMinute !== null && startMinute === endMinute) {
      add("EMPTY_RANGE", `${at}.start`, `The range ${start}–${end} is empty: its start is its end.`);
    }
  }
  for (const [index, date] of schedule.blackoutDates.entries()) {
    if (parseDate(date) === null) {
      add("INVALID_DATE", `blackoutDates.${index}`, `"${date}" is not a date such as 2026-12-24.`);
    }
  }
  return problems;
}
