import { messageOf } from "@cadenza/platform";
import type { Database } from "@cadenza/storage";
import type { RunTallies } from "./run-tallies.ts";

export type TallyFolderOptions = {
  database: Database;
  tallies: RunTallies;
  shards: { owned(): ReadonlySet<number> };
  log: { warn(fields: object, message: string): void };
  /** How often to fold (default 5,000 ms): reads add up what has come since. */
  everyMs?: number;
};

/** Deltas of one transaction. */
const BATCH = 1000;

/** Keeps the number of deltas small. Nothing hangs on it but how fast reads are; a crash in between changes no sum. */
export class TallyFolder {
  readonly #options: TallyFolderOptions;
  #timer: NodeJS.Timeout | undefined;
  #folding: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: TallyFolderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#folding = this.#round();
    }, this.#options.everyMs ?? 5000);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#folding;
  }

  /** Folds everything there is. @returns how many deltas there were. */
  async fold(): Promise<number> {
    const { database, tallies, shards } = this.#options;
    let total = 0;
    let folded: number;
    do {
      folded = await database.transaction((session) => tallies.fold(shards.owned(), BATCH, session));
      total += folded;
    } while (folded === BATCH && !this.#isStopped);
    return total;
  }

  async #round(): Promise<void> {
    try {
      if (this.#options.shards.owned().size > 0) await this.fold();
    } catch (error) {
      // Another replica may have taken the shard and folded at the same time.
      this.#options.log.warn({ reason: messageOf(error) }, "Metrics could not be folded; trying again.");
    }
    if (!this.#isStopped) this.start();
  }
}
