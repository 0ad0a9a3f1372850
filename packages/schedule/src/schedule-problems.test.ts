import type { Schedule } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { scheduleProblems } from "./index.ts";

const sound: Schedule = {
  zoneMode: "WORKFLOW",
  timeZone: "Europe/Berlin",
  ranges: [
    { weekday: "MONDAY", start: "09:00", end: "24:00" },
    { weekday: "FRIDAY", start: "22:00", end: "02:00" },
  ],
  blackoutDates: ["2028-02-29"],
};
const range = (start: string, end: string): Partial<Schedule> => ({ ranges: [{ weekday: "MONDAY", start, end }] });

test("WF-5: a sound schedule has no problems", () => {
  expect(scheduleProblems(sound)).toEqual([]);
});

const faults: [Partial<Schedule>, string, string][] = [
  [{ ranges: [] }, "EMPTY_SCHEDULE", "schedule.ranges"],
  [range("09:00", "09:00"), "EMPTY_RANGE", "schedule.ranges.0.start"],
  [range("24:00", "09:00"), "INVALID_TIME", "schedule.ranges.0.start"],
  [range("9:00", "10:00"), "INVALID_TIME", "schedule.ranges.0.start"],
  [range("09:00", "25:00"), "INVALID_TIME", "schedule.ranges.0.end"],
  [{ timeZone: "Berlin" }, "INVALID_TIME_ZONE", "schedule.timeZone"],
  [{ blackoutDates: ["2026-02-29"] }, "INVALID_DATE", "schedule.blackoutDates.0"],
];
test.each(faults)("WF-5: %j is %s at %s", (change, code, field) => {
  expect(scheduleProblems({ ...sound, ...change })).toMatchObject([{ code, field }]);
});
