import { type Clock, messageOf } from "@cadenza/platform";
import type { DueQuery, DueRun } from "../runs/run-places.ts";
import type { FaultLedger } from "./fault-ledger.ts";
import type { BatchMover, EngineLog } from "./move-batch.ts";

/** Runs of one transaction. */
export const BATCH_SIZE = 200;
/** Transactions in flight, so that the database is never idle while the next decisions are made. */
const LANES = 3;
/** An alarm that nobody told this replica of is found at the latest this much later. */
const LOOK_EVERY_MS = 1000;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5000;

export type DueWorkerOptions = {
  alarms: {
    due(query: DueQuery): Promise<DueRun[]>;
    nextAlarm(shards: readonly number[], after: Date): Promise<Date | null>;
  };
  shards: { owned(): ReadonlySet<number> };
  batches: BatchMover;
  faults: FaultLedger;
  clock: Clock;
  log: EngineLog;
  /** How often to look when nothing is known to be due (default 1,000 ms). */
  lookEveryMs?: number;
  /** Calls `run` after `ms`; the machine's timers by default. @returns what takes it back. */
  after?: (ms: number, run: () => void) => () => void;
};

function afterReally(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/**
 * Looks for runs of owned shards whose alarm has rung, when the nearest known alarm rings, when it is woken, and at the
 * latest every second. Runs in flight are in no second batch.
 */
export class DueWorker {
  readonly #options: DueWorkerOptions;
  readonly #inFlight = new Set<string>();
  readonly #lanes = new Set<Promise<void>>();
  /** When it looks next, by the domain clock. */
  #looksAtMs = 0;
  readonly #lookEveryMs: number;
  readonly #after: (ms: number, run: () => void) => () => void;
  #cancelTimer: () => void = () => undefined;
  #looking = false;
  #lookAgain = false;
  #stopped = true;
  #failures = 0;

  constructor(options: DueWorkerOptions) {
    this.#options = options;
    this.#lookEveryMs = options.lookEveryMs ?? LOOK_EVERY_MS;
    this.#after = options.after ?? afterReally;
  }

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  /** An alarm rings at `at`, or just now. */
  wake(at?: Date): void {
    if (this.#stopped) return;
    if (at && at > this.#options.clock.now()) {
      if (at.getTime() < this.#looksAtMs) this.#arm(at);
    } else void this.#look();
  }

  /** Begins nothing more and waits for what is in flight. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
  }

  /** Keeps runs out of the batches of this process while something else moves them. */
  async exclusively<T>(runIds: readonly string[], work: () => Promise<T>): Promise<T> {
    const taken = runIds.filter((runId) => !this.#inFlight.has(runId));
    for (const runId of taken) this.#inFlight.add(runId);
    try {
      return await work();
    } finally {
      for (const runId of taken) this.#inFlight.delete(runId);
    }
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    try {
      do {
        this.#lookAgain = false;
        await this.#fillLanes();
      } while (this.#lookAgain && !this.#stopped && this.#lanes.size < LANES);
      this.#failures = 0;
    } catch (error) {
      this.#backOff(error);
    } finally {
      this.#looking = false;
    }
  }

  async #fillLanes(): Promise<void> {
    const { alarms, shards, faults, clock } = this.#options;
    const free = LANES - this.#lanes.size;
    if (free <= 0 || this.#stopped) return;
    const owned = [...shards.owned()];
    const now = clock.now();
    if (owned.length === 0) return this.#arm(null);
    const limit = free * BATCH_SIZE;
    const due = await alarms.due({ shards: owned, until: now, limit: limit + this.#inFlight.size + faults.size });
    if (this.#stopped) return;
    const ready = due.filter(({ _id }) => !this.#inFlight.has(_id) && faults.mayTry(_id, now)).slice(0, limit);
    for (let start = 0; start < ready.length; start += BATCH_SIZE) this.#launch(ready.slice(start, start + BATCH_SIZE));
    this.#arm(ready.length === limit ? null : await alarms.nextAlarm(owned, now));
  }

  #launch(due: readonly DueRun[]): void {
    for (const { _id } of due) this.#inFlight.add(_id);
    const moves = due.map(({ _id, organizationId }) => ({
      runId: _id,
      organizationId,
      input: { kind: "tick" } as const,
    }));
    const lane = this.#options.batches
      .move(moves)
      .then(() => {
        this.#failures = 0;
      })
      .catch((error: unknown) => this.#backOff(error))
      .finally(() => {
        for (const { _id } of due) this.#inFlight.delete(_id);
        this.#lanes.delete(lane);
        // What did not fit into the lanes is still there.
        if (this.#failures === 0) this.wake();
      });
    this.#lanes.add(lane);
  }

  #backOff(error: unknown): void {
    this.#failures++;
    const pauseMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
    this.#options.log.warn({ reason: messageOf(error), pauseMs }, "Due runs could not be moved; waiting.");
    this.#setTimer(pauseMs);
  }

  #arm(at: Date | null): void {
    const untilMs = at ? at.getTime() - this.#options.clock.now().getTime() : this.#lookEveryMs;
    this.#setTimer(Math.max(0, Math.min(this.#lookEveryMs, untilMs)));
  }

  #setTimer(ms: number): void {
    this.#cancelTimer();
    if (this.#stopped) return;
    this.#looksAtMs = this.#options.clock.now().getTime() + ms;
    this.#cancelTimer = this.#after(ms, () => {
      void this.#look();
    });
  }
}
