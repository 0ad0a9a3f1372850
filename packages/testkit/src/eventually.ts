import { setTimeout as wait } from "node:timers/promises";

export interface EventuallyOptions {
  /** Milliseconds until it gives up. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two tries. Default 20. */
  readonly intervalMs?: number;
}

/**
 * Calls `fn` until it neither throws nor answers `false`, and gives its answer. At the deadline it throws the last
 * error, so a failed expectation inside reads as usual.
 */
export async function eventually<T>(fn: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const answer = await fn();
      if (answer !== false) return answer;
      last = new Error(`Still false after ${timeoutMs} ms`);
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) throw last;
    await wait(intervalMs);
  }
}
