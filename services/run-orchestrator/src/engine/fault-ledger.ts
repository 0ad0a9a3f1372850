/** Tries of a run that fails, before it is given up: with these pauses about half a minute (REL-6). */
const MAX_TRIES = 6;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 600_000;

/** Which runs failed lately, and when each may be tried again. Kept by one process: a run that moves house is tried anew. */
export class FaultLedger {
  readonly #faults = new Map<string, { tries: number; retryAt: Date }>();

  /** @returns whether the run has had its last try. */
  failed(runId: string, now: Date): boolean {
    const tries = (this.#faults.get(runId)?.tries ?? 0) + 1;
    this.#faults.set(runId, {
      tries,
      retryAt: new Date(now.getTime() + Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries)),
    });
    return tries >= MAX_TRIES;
  }

  settled(runId: string): void {
    this.#faults.delete(runId);
  }

  mayTry(runId: string, now: Date): boolean {
    const fault = this.#faults.get(runId);
    return !fault || fault.retryAt <= now;
  }

  get size(): number {
    return this.#faults.size;
  }
}
