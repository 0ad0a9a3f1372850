import { expect, test } from "vitest";
import { eventually, TestClock } from "./index.ts";

test("the clock stands still until it is moved", () => {
  const clock = new TestClock("2026-03-01T00:00:00Z");
  clock.advance(60_000);
  expect(clock.now()).toEqual(new Date("2026-03-01T00:01:00Z"));
  clock.set("2026-04-01T00:00:00Z");
  expect(clock.now()).toEqual(new Date("2026-04-01T00:00:00Z"));
});

test("eventually answers what came in the end, and throws the last error at the deadline", async () => {
  let calls = 0;
  expect(await eventually(() => ++calls > 2 && "third", { intervalMs: 1 })).toBe("third");
  const never = () => Promise.reject(new Error("not yet"));
  await expect(eventually(never, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow("not yet");
});
