import type { Clock, Logger, Metrics } from "@cadenza/platform";
import type { Collection, Database } from "@cadenza/storage";
import type { Bus } from "./bus.ts";
import { MESSAGING_INDEXES, type OutboxEntry, outboxOf } from "./outbox.ts";
import { OutboxRelay } from "./relay.ts";
import { UnitOfWork } from "./unit-of-work.ts";

export type CommitterOptions = {
  database: Database;
  bus: Bus;
  clock: Clock;
  service: string;
  log: Logger;
  metrics?: Metrics | undefined;
};

export function createCommitter(options: CommitterOptions): Committer {
  return new Committer(options);
}

/** The one way to change state: a transaction with what must be told in it, published right after. */
export class Committer {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly service: string;
  readonly log: Logger;
  readonly metrics: Metrics | undefined;
  readonly #outbox: Collection<OutboxEntry>;
  readonly #relay: OutboxRelay;

  constructor(options: CommitterOptions) {
    this.database = options.database;
    this.bus = options.bus;
    this.clock = options.clock;
    this.service = options.service;
    this.log = options.log;
    this.metrics = options.metrics;
    this.#outbox = outboxOf(options.database);
    this.#relay = new OutboxRelay(options);
  }

  /** Creates the outbox's indexes and starts the relay. `ensureStreams` comes before. */
  async start(): Promise<void> {
    await this.database.ensureIndexes(MESSAGING_INDEXES);
    await this.#relay.start();
  }

  async stop(): Promise<void> {
    await this.#relay.stop();
  }

  /**
   * Runs `work` in one transaction. It may run several times (write conflicts), so it reads what it decides on inside and
   * has no effect but through its unit.
   */
  async commit<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    const done = await this.database.transaction(async (session) => {
      const unit = new UnitOfWork(session, this.clock);
      const result = await work(unit);
      const entries = unit.entries();
      if (entries.length > 0) await this.#outbox.insertMany(entries, { session, ordered: false });
      return { unit, result, entries };
    });
    this.#relay.publish(done.entries);
    for (const { subject, text } of done.unit.notices()) this.bus.publishCore(subject, text);
    done.unit.committed();
    return done.result;
  }
}
