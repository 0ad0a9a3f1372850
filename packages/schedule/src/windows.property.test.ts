import { type Schedule, WEEKDAYS } from "@cadenza/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closesAt, dueAfter, isOpen, nextOpen } from "./index.ts";
import { changesOf, MinuteModel } from "./testing/minute-model.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const YEARS = [Date.UTC(2025, 0, 1), Date.UTC(2027, 0, 1)] as const;

/** Every kind of change: an hour, half an hour, two hours; at midnight, before it, at noon UTC; and quarter-hour zones without any. */
const ZONES = [
  "Africa/Cairo",
  "Africa/Casablanca",
  "Africa/El_Aaiun",
  "Africa/Johannesburg",
  "America/Adak",
  "America/Anchorage",
  "America/Asuncion",
  "America/Chicago",
  "America/Denver",
  "America/Halifax",
  "America/Havana",
  "America/Los_Angeles",
  "America/Mexico_City",
  "America/Miquelon",
  "America/New_York",
  "America/Nuuk",
  "America/Phoenix",
  "America/Port-au-Prince",
  "America/Santiago",
  "America/Sao_Paulo",
  "America/Scoresbysund",
  "America/St_Johns",
  "America/Tijuana",
  "Antarctica/Macquarie",
  "Antarctica/Troll",
  "Asia/Beirut",
  "Asia/Gaza",
  "Asia/Hebron",
  "Asia/Jerusalem",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Asia/Nicosia",
  "Asia/Tehran",
  "Asia/Tokyo",
  "Atlantic/Azores",
  "Atlantic/Bermuda",
  "Atlantic/Faroe",
  "Australia/Adelaide",
  "Australia/Darwin",
  "Australia/Eucla",
  "Australia/Lord_Howe",
  "Australia/Sydney",
  "Europe/Berlin",
  "Europe/Chisinau",
  "Europe/Dublin",
  "Europe/Lisbon",
  "Europe/London",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Easter",
  "Pacific/Kiritimati",
  "Pacific/Norfolk",
];

const time = fc.oneof(
  // Around the hours at which clocks change.
  fc.constantFrom(
    "00:00",
    "00:15",
    "00:30",
    "01:00",
    "01:30",
    "01:45",
    "02:00",
    "02:15",
    "02:30",
    "02:45",
    "03:00",
    "22:00",
    "23:30",
  ),
  fc.integer({ min: 0, max: 1439 }).map((minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`),
);
const range = fc
  .record({ weekday: fc.constantFrom(...WEEKDAYS), start: time, end: fc.oneof(time, fc.constant("24:00")) })
  .filter(({ start, end }) => start !== end);
const draws = fc.record({
  change: fc.nat(),
  ranges: fc.array(range, { minLength: 1, maxLength: 8 }),
  blackoutDays: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
  fromMinute: fc.integer({ min: 1440, max: 5 * 1440 }),
  fromMs: fc.constantFrom(0, 0, 1, 59_999),
  days: fc.integer({ min: 1, max: 2 }),
});

describe.each(ZONES)("%s", (timeZone) => {
  // Three days on either side of each change; where there is none, any week.
  const changes = changesOf(timeZone, ...YEARS);
  const models = (changes.length > 0 ? changes : [YEARS[0]]).map((ms) => new MinuteModel(timeZone, ms - 3 * DAY, 7));

  const drawn = draws.map(({ change, ranges, blackoutDays, fromMinute, fromMs, days }) => {
    const model = models[change % models.length]!;
    const blackoutDates = blackoutDays.map((day) => new Date(model.local[0]! + day * DAY).toISOString().slice(0, 10));
    const schedule: Schedule = { zoneMode: "WORKFLOW", timeZone, ranges, blackoutDates };
    return { model, schedule, fromMinute, from: new Date(model.instant(fromMinute) + fromMs), days };
  });

  test("SCH-1, SCH-2, SCH-3, SCH-5: the next open instant is the one that a walk along the minutes finds", () => {
    fc.assert(
      fc.property(drawn, ({ model, schedule, fromMinute, from }) => {
        const open = model.openMinutes(schedule);
        const walked = open.indexOf(true, fromMinute);
        const expected = walked === fromMinute ? from.getTime() : walked < 0 ? null : model.instant(walked);
        const found = nextOpen(schedule, timeZone, from)?.getTime() ?? null;
        // Beyond the walk, anything may be.
        const beyond = found === null || found >= model.instant(model.local.length);
        expect(walked < 0 && beyond ? null : found).toBe(expected);
        expect(isOpen(schedule, timeZone, from)).toBe(open[fromMinute]);
      }),
      { numRuns: 60 },
    );
  });

  test("SCH-1: an open stretch ends where a walk along the minutes leaves it", () => {
    fc.assert(
      fc.property(drawn, ({ model, schedule, fromMinute, from }) => {
        const open = model.openMinutes(schedule);
        const left = open.indexOf(false, fromMinute);
        fc.pre(!open[fromMinute] || left >= 0);
        const closes = closesAt(schedule, timeZone, from)?.getTime() ?? null;
        expect(closes).toBe(open[fromMinute] ? model.instant(left) : null);
      }),
      { numRuns: 40 },
    );
  });

  test("SCH-5: a delay of days ends at the same local time, as a walk along the minutes finds it", () => {
    fc.assert(
      fc.property(drawn, ({ model, fromMinute, days }) => {
        const since = new Date(model.instant(fromMinute - 1440));
        const until = model.first(model.local[fromMinute - 1440]! + days * DAY);
        expect(dueAfter(since, { amount: days, unit: "DAY" }, timeZone).getTime()).toBe(model.instant(until));
      }),
      { numRuns: 40 },
    );
  });
});

function two(number: number): string {
  return String(number).padStart(2, "0");
}
