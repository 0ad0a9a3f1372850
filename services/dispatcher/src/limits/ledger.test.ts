import type { SendingLimits } from "@cadenza/sending";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";

const HOUR = 3_600_000;
const none: SendingLimits = { perHour: null, per24Hours: null, minimumGapSeconds: 0 };

test("SND-1: a full hour opens again when its oldest acceptance is an hour old", () => {
  const ledger = new Ledger({ ...none, perHour: 2 }, { acceptedMs: [1000, 5000] });
  expect(ledger.roomAt(6000)).toBe(1000 + HOUR + 1);
  expect(ledger.roomAt(1000 + HOUR + 1)).toBe(1000 + HOUR + 1);
});

test("SND-1: what is in flight holds a place until its outcome is known", () => {
  const ledger = new Ledger({ ...none, perHour: 1 });
  ledger.reserve("a");
  expect(ledger.roomAt(0)).toBeNull();
  ledger.release("a");
  expect(ledger.roomAt(0)).toBe(0);
});

test("SND-1: the gap counts from the last acceptance", () => {
  const ledger = new Ledger({ ...none, minimumGapSeconds: 10 });
  ledger.reserve("a");
  expect(ledger.roomAt(0)).toBeNull();
  ledger.settle("a", 500);
  expect(ledger.roomAt(600)).toBe(10_501);
});

test("SND-1: null is no limit, 0 lets nothing out", () => {
  const open = new Ledger(none);
  for (let i = 0; i < 5000; i++) open.settle(String(i), i);
  expect(open.roomAt(5000)).toBe(5000);
  expect(new Ledger({ ...none, perHour: 0 }).roomAt(0)).toBeNull();
});

test("SND-1: the forecast is when each of the next would find room", () => {
  const ledger = new Ledger({ perHour: 2, per24Hours: null, minimumGapSeconds: 60 }, { acceptedMs: [0] });
  expect(ledger.forecast(1000, 3)).toEqual([60_001, HOUR + 1, HOUR + 60_002]);
  expect(new Ledger({ ...none, perHour: 0 }).forecast(0, 2)).toEqual([null, null]);
});

test("SND-1: limits that reach further back need a new ledger", () => {
  const ledger = new Ledger({ ...none, perHour: 5 });
  expect(ledger.setLimits({ ...none, perHour: 3 })).toBe(true);
  expect(ledger.setLimits({ ...none, per24Hours: 3 })).toBe(false);
});

const limits = fc.record({
  perHour: fc.option(fc.integer({ min: 1, max: 12 })),
  per24Hours: fc.option(fc.integer({ min: 1, max: 40 })),
  minimumGapSeconds: fc.constantFrom(0, 0, 30, 400),
});
/** A provider that accepts or refuses each message after a while, and time that passes in between. */
const events = fc.array(
  fc.record({
    waitMs: fc.constantFrom(0, 1, 900, 60_000, 400_000, HOUR, HOUR + 1),
    answer: fc.constantFrom("accept", "accept", "accept", "refuse"),
    latencyMs: fc.constantFrom(0, 5, 700, 90_000),
  }),
  { maxLength: 250 },
);

test("SND-1: never over, in any rolling window, and never idle while there is room", () => {
  fc.assert(
    fc.property(limits, events, (given, happenings) => {
      const ledger = new Ledger(given);
      const accepted: number[] = [];
      const idle: number[] = [];
      const flying: { id: string; atMs: number; answer: string }[] = [];
      let nowMs = 0;
      const land = (): void => {
        for (const flight of flying.splice(0).toSorted((a, b) => a.atMs - b.atMs)) {
          if (flight.atMs > nowMs) flying.push(flight);
          else if (flight.answer === "refuse") ledger.release(flight.id);
          else {
            ledger.settle(flight.id, flight.atMs);
            accepted.push(flight.atMs);
          }
        }
      };
      for (const [index, { waitMs, answer, latencyMs }] of happenings.entries()) {
        nowMs += waitMs;
        land();
        if (ledger.roomAt(nowMs) !== nowMs) {
          if (!isFull(given, accepted, flying.length, nowMs)) idle.push(nowMs);
          continue;
        }
        ledger.reserve(String(index));
        flying.push({ id: String(index), atMs: nowMs + latencyMs, answer });
      }
      nowMs += HOUR;
      land();
      accepted.sort((a, b) => a - b);
      expect({ over: excesses(given, accepted), idle }).toEqual({ over: [], idle: [] });
    }),
    { numRuns: 500 },
  );
});

/** Acceptances at which a limit was exceeded. */
function excesses(given: SendingLimits, accepted: readonly number[]): number[] {
  const { perHour, per24Hours, minimumGapSeconds } = given;
  return accepted.filter(
    (atMs, index) =>
      (perHour !== null && within(accepted, atMs - HOUR, atMs) > perHour) ||
      (per24Hours !== null && within(accepted, atMs - 24 * HOUR, atMs) > per24Hours) ||
      (index > 0 && atMs - accepted[index - 1]! < minimumGapSeconds * 1000),
  );
}

/** Both ends count: a window that is closed on both sides holds no more either. */
function within(accepted: readonly number[], fromMs: number, toMs: number): number {
  return accepted.filter((ms) => ms >= fromMs && ms <= toMs).length;
}

function isFull(given: SendingLimits, accepted: readonly number[], flying: number, nowMs: number): boolean {
  const last = Math.max(...accepted, Number.NEGATIVE_INFINITY);
  const gapMs = given.minimumGapSeconds * 1000;
  return (
    (given.perHour !== null && within(accepted, nowMs - HOUR, nowMs) + flying >= given.perHour) ||
    (given.per24Hours !== null && within(accepted, nowMs - 24 * HOUR, nowMs) + flying >= given.per24Hours) ||
    (gapMs > 0 && (flying > 0 || nowMs - last <= gapMs))
  );
}
