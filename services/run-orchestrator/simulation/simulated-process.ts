import type { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";

/** How badly the world behaves; all of it stops when the faults cease. */
export type Faults = {
  /** Share of messages that the bus loses; the outbox's replay makes them good. */
  lost: number;
  /** Share of commands that are lost for good, as if the outbox had lost them too: alarms make them good. */
  gone: number;
  /** Share of messages that arrive twice. */
  repeated: number;
  /** Share of waits in which a process stands still for up to two minutes. */
  stopped: number;
  /** Share of effects that fail. */
  failed: number;
};
export const NO_FAULTS: Faults = { lost: 0, gone: 0, repeated: 0, stopped: 0, failed: 0 };

/** A process that may die between any two of its waits: what it was about to do after that never happens. */
export class SimulatedProcess {
  alive = true;
  readonly queue: EventQueue;
  readonly #random: Random;
  readonly #faults: () => Faults;

  constructor(queue: EventQueue, random: Random, faults: () => Faults) {
    this.queue = queue;
    this.#random = random;
    this.#faults = faults;
  }

  /** A round trip to somewhere else. */
  async roundTrip(): Promise<void> {
    const stopped = this.#random.chance(this.#faults().stopped);
    await this.queue.delay(stopped ? this.#random.between(1000, 120_000) : this.#random.between(1, 20));
    if (!this.alive) await new Promise(() => undefined);
  }

  after(ms: number, run: () => void): () => void {
    return this.queue.after(ms, () => {
      if (this.alive) run();
    });
  }

  kill(): void {
    this.alive = false;
  }
}
