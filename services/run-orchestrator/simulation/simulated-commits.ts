import type { ItemOf, MessageKind } from "@cadenza/contracts";
import type { OutboxMessage } from "@cadenza/messaging";
import type { Unit } from "../src/engine/announce.ts";
import type { Commits } from "../src/engine/move-batch.ts";
import { type MemoryDatabase, type MemoryTransaction, sessionOf } from "./memory-database.ts";
import type { SimulatedBus, SimulatedEnvelope } from "./simulated-bus.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** After this, the sweep publishes what its process did not. */
const SWEEP_MS = 2000;

export type SimulatedCommitsOptions = {
  database: MemoryDatabase;
  bus: SimulatedBus;
  process: SimulatedProcess;
  newId: () => string;
};

/** Transactions of one process: it may die before a commit, after it, and before what was told is published. */
export class SimulatedCommits implements Commits {
  readonly #options: SimulatedCommitsOptions;

  constructor(options: SimulatedCommitsOptions) {
    this.#options = options;
  }

  async commit<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    const { database, process } = this.#options;
    for (;;) {
      await process.roundTrip();
      const transaction = database.begin();
      const afterCommit: (() => void)[] = [];
      const result = await work(this.#unit(transaction, afterCommit));
      await process.roundTrip();
      if (!transaction.commit()) continue;
      this.#publishSoon(transaction.told);
      await process.roundTrip();
      for (const run of afterCommit) run();
      return result;
    }
  }

  #unit(transaction: MemoryTransaction, afterCommit: (() => void)[]): Unit {
    return {
      session: sessionOf(transaction),
      tell: <K extends MessageKind>({ kind, organizationId, items }: OutboxMessage<K>) => {
        transaction.told.push({
          id: this.#options.newId(),
          kind,
          organizationId,
          items: items as ItemOf<K>[],
        } as unknown as SimulatedEnvelope);
      },
      notify: () => undefined,
      wake: () => undefined,
      afterCommit: (run) => afterCommit.push(run),
    };
  }

  /** By this process right away; where it dies over it, by the others' sweep; where both do, twice. */
  #publishSoon(envelopes: readonly SimulatedEnvelope[]): void {
    const { bus, process } = this.#options;
    for (const envelope of envelopes) {
      let published = false;
      const publish = (): void => {
        published = true;
        bus.publish(envelope);
      };
      process.after(1, publish);
      process.queue.after(SWEEP_MS, () => {
        if (!published) publish();
      });
    }
  }
}
