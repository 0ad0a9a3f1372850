import { expect, test } from "vitest";
import { startOfDate } from "./start-of-date.ts";

test.each([
  ["2026-07-01", "Europe/Berlin", "2026-06-30T22:00:00.000Z"],
  ["2026-01-06", "America/New_York", "2026-01-06T05:00:00.000Z"],
  ["2026-03-01", "Asia/Kolkata", "2026-02-28T18:30:00.000Z"],
])("SCH-5: %s begins in %s at %s", (date, zone, instant) => {
  expect(startOfDate(date, zone)).toEqual(new Date(instant));
});

test("SCH-5: a date whose midnight is left out begins at the first instant after the gap", () => {
  expect(startOfDate("2024-04-26", "Africa/Cairo")).toEqual(new Date("2024-04-25T22:00:00.000Z"));
});

test.each(["tomorrow", "2026-13-01", "2026-1-1", ""])("GOAL-2: %j is no date", (text) => {
  expect(startOfDate(text, "UTC")).toBeNull();
});
