/** Where "now" comes from. Domain code never reads the machine's clock itself. */
export interface Clock {
  now(): Date;
}

/** The machine's clock: for tokens, rate limits, sockets and leases, and for everything where no test clock runs. */
export const realClock: Clock = { now: () => new Date() };

/** Real time plus an offset that only grows (OPS-3). Listeners hear of every change, so that timers can look again. */
export class OffsetClock implements Clock {
  #offsetMs = 0;
  readonly #listeners = new Set<() => void>();
  readonly #real: Clock;

  constructor(real: Clock = realClock) {
    this.#real = real;
  }

  now(): Date {
    return new Date(this.#real.now().getTime() + this.#offsetMs);
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** An offset below the present one is ignored: the clock never goes back. */
  setOffsetMs(offsetMs: number): void {
    if (offsetMs <= this.#offsetMs) return;
    this.#offsetMs = offsetMs;
    for (const listener of this.#listeners) listener();
  }

  /** @returns a function that ends the listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
