import { setTimeout as wait } from "node:timers/promises";
import type { Committer } from "@cadenza/messaging";
import { type Clock, messageOf } from "@cadenza/platform";
import { type OrganizationScope, organizationScope } from "@cadenza/storage";
import type { Rollouts } from "./rollouts.ts";
import type { RolloutStore } from "./store.ts";

const SWEEP_EVERY_MS = 2000;
const SWEEP_MOST = 20;
/** Also how long a rollout waits after a failure. */
const LEASE_MS = 10_000;

export type RolloutWorkerOptions = {
  committer: Committer;
  rollouts: Rollouts;
  store: RolloutStore;
  /** Leases live on real time. */
  realClock: Clock;
  /** Real milliseconds between two looks for what was left behind (default 2,000). */
  sweepEveryMs?: number | undefined;
};

/** Carries rollouts to their end: at once where they began, and by whoever is free where that process died. */
export class RolloutWorker {
  readonly #options: RolloutWorkerOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: RolloutWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#sweeping = this.#sweep();
  }

  /** Finishes the batches in hand; what remains is another process's. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all([this.#sweeping, ...this.#running.values()]);
  }

  /** As `carry`, but comes back after `withinMs` real milliseconds at the latest; the rollout goes on. */
  async carryWithin(scope: OrganizationScope, id: string, withinMs: number): Promise<void> {
    const patience = new AbortController();
    try {
      await Promise.race([this.carry(scope, id), wait(withinMs, undefined, { signal: patience.signal })]);
    } finally {
      patience.abort();
    }
  }

  /** Works at a rollout that this process holds, until it has ended, rests, or fails and is taken up again later. */
  carry(scope: OrganizationScope, id: string): Promise<void> {
    const known = this.#running.get(id);
    if (known) return known;
    const work = this.#batches(scope, id).finally(() => this.#running.delete(id));
    this.#running.set(id, work);
    return work;
  }

  async #batches(scope: OrganizationScope, id: string): Promise<void> {
    const { committer, rollouts } = this.#options;
    try {
      let outcome = "MORE";
      while (outcome === "MORE" && !this.#ending.signal.aborted) {
        outcome = await committer.commit((unit) => rollouts.batch(scope, id, unit));
      }
    } catch (error) {
      committer.log.warn({ rolloutId: id, reason: messageOf(error) }, "A shared change is held up; it goes on soon.");
    }
  }

  async #sweep(): Promise<void> {
    const { sweepEveryMs = SWEEP_EVERY_MS } = this.#options;
    while (!this.#ending.signal.aborted) {
      await this.#takeOver();
      await wait(sweepEveryMs, undefined, { signal: this.#ending.signal }).catch(ignoreAbort);
    }
  }

  async #takeOver(): Promise<void> {
    const { committer, store, realClock } = this.#options;
    try {
      const at = realClock.now();
      const until = new Date(at.getTime() + LEASE_MS);
      for (const { _id, organizationId } of await store.waiting(at, SWEEP_MOST)) {
        const scope = organizationScope(organizationId);
        if (await store.claim(scope, _id, at, until)) await this.carry(scope, _id);
      }
    } catch (error) {
      committer.log.warn({ reason: messageOf(error) }, "Shared changes cannot be looked for; trying again.");
    }
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "AbortError") throw error;
}
