import { CadenzaError } from "@cadenza/platform";
import { LRUCache } from "lru-cache";

/** The caller asks too often; the same request may be sent again after `retryAfterMs`. */
export class RateLimitedError extends CadenzaError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super("RATE_LIMITED", `Too many requests. Please try again in ${Math.ceil(retryAfterMs / 1000)} s.`);
    this.retryAfterMs = retryAfterMs;
  }
}

type Bucket = { tokens: number; atMs: number };

/** Token buckets: `perSecond` operations a second, and as many at once. `now` in milliseconds, by default a clock that only runs forward. */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, Bucket>({ max: 100_000 });

  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** @throws RateLimitedError */
  take(key: string): void {
    const nowMs = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: Math.max(1, this.#perSecond), atMs: nowMs };
    bucket.tokens = Math.min(
      Math.max(1, this.#perSecond),
      bucket.tokens + ((nowMs - bucket.atMs) / 1000) * this.#perSecond,
    );
    bucket.atMs = nowMs;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) throw new RateLimitedError(Math.ceil(((1 - bucket.tokens) / this.#perSecond) * 1000));
    bucket.tokens -= 1;
  }
}
