import { expect, test } from "vitest";
import { RateLimitedError, RateLimiter } from "./rate-limiter.ts";

test("API-8: so many at once, then as many a second, each key for itself", () => {
  let nowMs = 0;
  const limiter = new RateLimiter(10, () => nowMs);
  for (let i = 0; i < 10; i++) limiter.take("a");
  expect(() => limiter.take("a")).toThrow(RateLimitedError);
  limiter.take("b");
  nowMs = 50;
  expect(() => limiter.take("a")).toThrow(expect.objectContaining({ code: "RATE_LIMITED", retryAfterMs: 50 }));
  nowMs = 101;
  limiter.take("a");
  expect(() => limiter.take("a")).toThrow(RateLimitedError);
});
