import { type Schedule, WEEKDAYS } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { closesAt, dueAfter, isOpen, nextOpen, UnknownTimeZoneError } from "./index.ts";

type Range = [weekday: Schedule["ranges"][number]["weekday"], start: string, end: string];
function schedule(ranges: readonly Range[], blackoutDates: string[] = []): Schedule {
  return {
    zoneMode: "WORKFLOW",
    timeZone: "UTC",
    ranges: ranges.map(([weekday, start, end]) => ({ weekday, start, end })),
    blackoutDates,
  };
}
const everyDay = (start: string, end: string): Range[] => WEEKDAYS.map((weekday) => [weekday, start, end]);
const iso = (date: Date | null): string | null => date?.toISOString().replace(".000Z", "Z") ?? null;

const openings: [title: string, Schedule | null, zone: string, from: string, opens: string | null][] = [
  ["SCH-3: no schedule means any time", null, "UTC", "2026-01-05T03:00:00Z", "2026-01-05T03:00:00Z"],
  [
    "SCH-1: the start is inside",
    schedule([["MONDAY", "09:00", "17:00"]]),
    "Europe/Berlin",
    "2026-01-05T08:00:00Z",
    "2026-01-05T08:00:00Z",
  ],
  [
    "SCH-1: the end is outside",
    schedule([["MONDAY", "09:00", "17:00"]]),
    "Europe/Berlin",
    "2026-01-05T16:00:00Z",
    "2026-01-12T08:00:00Z",
  ],
  [
    "SCH-1: several ranges a day",
    schedule([
      ["MONDAY", "13:00", "17:00"],
      ["MONDAY", "09:00", "12:00"],
    ]),
    "UTC",
    "2026-01-05T12:00:00Z",
    "2026-01-05T13:00:00Z",
  ],
  [
    "SCH-1: past midnight",
    schedule([["MONDAY", "22:00", "02:00"]]),
    "UTC",
    "2026-01-06T01:59:00Z",
    "2026-01-06T01:59:00Z",
  ],
  [
    "SCH-1: Sunday night reaches into Monday",
    schedule([["SUNDAY", "22:00", "02:00"]]),
    "UTC",
    "2026-01-05T01:00:00Z",
    "2026-01-05T01:00:00Z",
  ],
  [
    "SCH-1: 24:00 is an end",
    schedule([["MONDAY", "23:00", "24:00"]]),
    "UTC",
    "2026-01-05T23:59:59Z",
    "2026-01-05T23:59:59Z",
  ],
  [
    "SCH-2: a whole local day is out",
    schedule(everyDay("00:00", "24:00"), ["2026-01-05"]),
    "Asia/Tokyo",
    "2026-01-04T15:00:00Z",
    "2026-01-05T15:00:00Z",
  ],
  [
    "SCH-2: the night before a blackout ends at midnight",
    schedule([["MONDAY", "22:00", "02:00"]], ["2026-01-06"]),
    "UTC",
    "2026-01-06T00:00:00Z",
    "2026-01-12T22:00:00Z",
  ],
  [
    "SCH-2: the night of a blackout begins at midnight",
    schedule([["MONDAY", "22:00", "02:00"]], ["2026-01-05"]),
    "UTC",
    "2026-01-05T22:00:00Z",
    "2026-01-06T00:00:00Z",
  ],
  [
    "SCH-5: a start that does not exist is the end of the gap",
    schedule([["SUNDAY", "02:30", "05:00"]]),
    "Europe/Berlin",
    "2026-03-29T00:00:00Z",
    "2026-03-29T01:00:00Z",
  ],
  [
    "SCH-5: a range inside the gap has no instant",
    schedule([["SUNDAY", "02:15", "02:45"]]),
    "Europe/Berlin",
    "2026-03-29T00:00:00Z",
    "2026-04-05T00:15:00Z",
  ],
  [
    "SCH-5: a start that occurs twice is the first",
    schedule([["SUNDAY", "02:30", "05:00"]]),
    "Europe/Berlin",
    "2026-10-25T00:00:00Z",
    "2026-10-25T00:30:00Z",
  ],
  [
    "SCH-5: an end that occurs twice is the first",
    schedule([["SUNDAY", "01:00", "02:30"]]),
    "Europe/Berlin",
    "2026-10-25T00:30:00Z",
    "2026-11-01T00:00:00Z",
  ],
  [
    "SCH-5: midnight does not exist in Santiago",
    schedule([["SUNDAY", "00:00", "06:00"]]),
    "America/Santiago",
    "2026-09-06T03:30:00Z",
    "2026-09-06T04:00:00Z",
  ],
  [
    "SCH-5: half an hour is missing on Lord Howe",
    schedule([["SUNDAY", "02:10", "06:00"]]),
    "Australia/Lord_Howe",
    "2026-10-03T15:00:00Z",
    "2026-10-03T15:30:00Z",
  ],
  ["SCH-6: no ranges, no instant", schedule([]), "UTC", "2026-01-05T00:00:00Z", null],
  [
    "SCH-6: every day of 401 blacked out",
    schedule(everyDay("09:00", "17:00"), days("2026-01-05", 402)),
    "UTC",
    "2026-01-05T00:00:00Z",
    null,
  ],
  [
    "SCH-6: the last day of 400 still counts",
    schedule(everyDay("00:00", "24:00"), days("2026-01-05", 400)),
    "UTC",
    "2026-01-05T00:00:00Z",
    "2027-02-09T00:00:00Z",
  ],
];
test.each(openings)("%s", (_title, given, zone, from, opens) => {
  expect(iso(nextOpen(given, zone, new Date(from)))).toBe(opens);
});

test("SCH-1: ranges that touch are one stretch, across midnight and weeks", () => {
  const given = schedule([
    ["MONDAY", "09:00", "12:00"],
    ["MONDAY", "12:00", "24:00"],
    ["TUESDAY", "00:00", "01:00"],
  ]);
  expect(iso(closesAt(given, "UTC", new Date("2026-01-05T10:00:00Z")))).toBe("2026-01-06T01:00:00Z");
  expect(closesAt(given, "UTC", new Date("2026-01-05T08:59:59Z"))).toBeNull();
  expect(closesAt(schedule(everyDay("00:00", "24:00")), "UTC", new Date("2026-01-05T08:59:59Z"))).toBeNull();
  expect(isOpen(given, "UTC", new Date("2026-01-06T01:00:00Z"))).toBe(false);
});

const delays: [
  title: string,
  since: string,
  amount: number,
  unit: "MINUTE" | "HOUR" | "DAY",
  zone: string,
  due: string,
][] = [
  ["SCH-5: minutes are absolute", "2026-03-29T00:30:00Z", 60, "MINUTE", "Europe/Berlin", "2026-03-29T01:30:00Z"],
  ["SCH-5: hours are absolute", "2026-03-28T12:00:00Z", 24, "HOUR", "Europe/Berlin", "2026-03-29T12:00:00Z"],
  ["SCH-5: days keep the local time", "2026-03-28T12:00:00Z", 1, "DAY", "Europe/Berlin", "2026-03-29T11:00:00Z"],
  ["SCH-5: days into a gap end after it", "2026-03-28T01:30:00Z", 1, "DAY", "Europe/Berlin", "2026-03-29T01:00:00Z"],
  [
    "SCH-5: days into a fold end at the first",
    "2026-10-24T00:30:00Z",
    1,
    "DAY",
    "Europe/Berlin",
    "2026-10-25T00:30:00Z",
  ],
  ["SCH-5: days into a midnight gap", "2026-09-05T04:00:00Z", 1, "DAY", "America/Santiago", "2026-09-06T04:00:00Z"],
  ["SCH-5: a year of days", "2026-01-05T09:00:00Z", 365, "DAY", "America/New_York", "2027-01-05T09:00:00Z"],
  [
    "SCH-5: no delay is no change, in a fold too",
    "2026-10-25T01:30:00Z",
    0,
    "DAY",
    "Europe/Berlin",
    "2026-10-25T01:30:00Z",
  ],
];
test.each(delays)("%s", (_title, since, amount, unit, zone, due) => {
  expect(iso(dueAfter(new Date(since), { amount, unit }, zone))).toBe(due);
});

test("a zone that is none is refused by name", () => {
  const given = schedule(everyDay("09:00", "10:00"));
  expect(() => nextOpen(given, "Mars/Olympus", new Date(0))).toThrow(UnknownTimeZoneError);
  expect(() => nextOpen(given, "+02:00", new Date(0))).toThrow(UnknownTimeZoneError);
});

function days(from: string, count: number): string[] {
  return Array.from({ length: count }, (_, day) =>
    new Date(Date.parse(from) + day * 86_400_000).toISOString().slice(0, 10),
  );
}
