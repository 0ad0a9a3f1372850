import { setImmediate as settle } from "node:timers/promises";
import type { Clock } from "@cadenza/platform";

type Entry = { atMs: number; order: number; run: () => void };

/** The one clock and the one queue of a simulated world: nothing happens but by it. */
export class EventQueue implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(start: Date) {
    this.#nowMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  /** @returns what takes it back. */
  after(ms: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, run };
    this.#push(entry);
    return () => {
      entry.run = () => undefined;
    };
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets the world go on until it is done, nothing is left to happen, or `until` has come. @returns whether it is done. */
  async run(isDone: () => boolean, until: Date): Promise<boolean> {
    while (!isDone()) {
      const entry = this.#pop();
      if (!entry || entry.atMs > until.getTime()) return false;
      this.#nowMs = entry.atMs;
      entry.run();
      // Everything that this event sets going comes to its next wait before the next event.
      await settle();
    }
    return true;
  }

  #push(entry: Entry): void {
    let index = this.#heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, this.#heap[parent]!)) break;
      this.#heap[index] = this.#heap[parent]!;
      index = parent;
    }
    this.#heap[index] = entry;
  }

  #pop(): Entry | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (!first || !last || this.#heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++;
      if (!isBefore(this.#heap[child]!, last)) break;
      this.#heap[index] = this.#heap[child]!;
      index = child;
    }
    this.#heap[index] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
