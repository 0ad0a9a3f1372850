import type { Collection, Database, IndexDefinition, Session } from "@cadenza/storage";
import type { StalledSweep } from "./stalled-sweep.ts";

export const STALLED_INDEXES: IndexDefinition[] = [
  {
    collection: "stalledSweeps",
    key: { wakeAt: 1 },
    options: { name: "due", partialFilterExpression: { isActive: true } },
  },
];

/** Another replica was faster, or the workflow has changed: look again. */
export class StaleSweepError extends Error {
  constructor(workflowId: string) {
    super(`The sweep of workflow ${workflowId} has moved on.`);
    this.name = "StaleSweepError";
  }
}

export class StalledSweepStore {
  readonly #sweeps: Collection<StalledSweep>;

  constructor(database: Database) {
    this.#sweeps = database.system<StalledSweep>(
      "stalledSweeps",
      "The sweeper looks after the workflows of all organizations; each sweep names its own.",
    );
  }

  async find(workflowIds: readonly string[], session: Session): Promise<Map<string, StalledSweep>> {
    const found = await this.#sweeps.find({ _id: { $in: [...workflowIds] } }, { session }).toArray();
    return new Map(found.map((sweep) => [sweep._id, sweep]));
  }

  /** Of these shards those whose alarm rings first, in its order. */
  soonest(shards: ReadonlySet<number>, limit: number): Promise<StalledSweep[]> {
    const filter = { isActive: true, shard: { $in: [...shards] } };
    return this.#sweeps.find(filter).sort({ wakeAt: 1 }).limit(limit).toArray();
  }

  /** Of all organizations. */
  active(): Promise<StalledSweep[]> {
    return this.#sweeps.find({ isActive: true }).toArray();
  }

  /** How many have not looked yet at what stalled by `until`. */
  countDue(until: Date): Promise<number> {
    return this.#sweeps.countDocuments({ isActive: true, wakeAt: { $lte: until } });
  }

  /** New sweeps and new states of sweeps that were read in the same transaction. */
  async put(sweeps: readonly StalledSweep[], session: Session): Promise<void> {
    if (sweeps.length === 0) return;
    const operations = sweeps.map((sweep) => {
      return { replaceOne: { filter: { _id: sweep._id }, replacement: sweep, upsert: true } };
    });
    await this.#sweeps.bulkWrite(operations, { session, ordered: false });
  }

  /** @throws StaleSweepError where the sweep is not as it was read before the transaction. */
  async move(before: StalledSweep, after: Partial<StalledSweep>, session: Session): Promise<void> {
    const { matchedCount } = await this.#sweeps.updateOne(
      { _id: before._id, version: before.version },
      { $set: { ...after, version: before.version + 1 } },
      { session },
    );
    if (matchedCount === 0) throw new StaleSweepError(before._id);
  }
}
