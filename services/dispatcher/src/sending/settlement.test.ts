import type { MessageDocument } from "@cadenza/sending";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Answer } from "../providers/provider.ts";
import { retryDelayMs } from "./retry.ts";
import { settle } from "./settlement.ts";

const at = new Date("2026-01-05T16:30:00Z");
const message = { attempts: 1, schedule: null, zone: null, deferredSince: null } as MessageDocument;
const mondays = {
  zoneMode: "WORKFLOW" as const,
  timeZone: "UTC",
  ranges: [{ weekday: "MONDAY" as const, start: "09:00", end: "16:31" }],
  blackoutDates: [],
};
const later: Answer = { kind: "deferred", scope: "MESSAGE", text: "450 later" };

test("SND-3: an unknown outcome changes nothing until its time", () => {
  expect(settle(message, { kind: "unknown", text: "gone" }, { at, chance: 0 })).toBeNull();
});

test("SND-3: a retry stays inside its window", () => {
  const settled = settle({ ...message, schedule: mondays, zone: "UTC", attempts: 9 }, later, { at, chance: 1 });
  expect(settled?.set).toMatchObject({ status: "QUEUED", notBefore: new Date("2026-01-12T09:00:00Z") });
});

test("SND-3: what is refused for now for a day has failed; a refused sign-in waits for a person", () => {
  const deferredSince = new Date(at.getTime() - 24 * 3_600_000);
  expect(settle({ ...message, deferredSince }, later, { at, chance: 0 })?.fate).toMatchObject({
    outcome: "ERROR",
    reason: { code: "PROVIDER_UNAVAILABLE" },
  });
  const signIn: Answer = { kind: "deferred", scope: "CREDENTIALS", text: "535" };
  expect(settle({ ...message, deferredSince }, signIn, { at, chance: 0 })).toMatchObject({
    fate: null,
    set: { status: "QUEUED" },
  });
});

test("SND-3: what never began is queued as if it had not been tried", () => {
  expect(settle(message, { kind: "notStarted" }, { at, chance: 0 })?.set).toMatchObject({
    status: "QUEUED",
    attempts: 0,
    notBefore: null,
  });
});

test("SND-3: waits between attempts lie between a second and a quarter of an hour", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, chance) => {
      const delayMs = retryDelayMs(attempts, chance);
      expect(delayMs).toBeGreaterThanOrEqual(1000);
      expect(delayMs).toBeLessThanOrEqual(15 * 60_000);
    }),
  );
  expect([1, 2, 3].map((attempts) => retryDelayMs(attempts, 1))).toEqual([5000, 10_000, 20_000]);
});
