import type { Clock } from "@cadenza/platform";

/** A clock that stands still until it is told to move. */
export class TestClock implements Clock {
  #now: number;

  /** @param at Default 2026-01-05T09:00:00.000Z, a Monday. */
  constructor(at: Date | string = "2026-01-05T09:00:00.000Z") {
    this.#now = new Date(at).getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Moves forward (or back) by milliseconds. */
  advance(ms: number): void {
    this.#now += ms;
  }

  set(at: Date | string): void {
    this.#now = new Date(at).getTime();
  }
}
