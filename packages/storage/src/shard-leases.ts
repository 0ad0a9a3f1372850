import { performance } from "node:perf_hooks";
import type { Logger } from "@cadenza/platform";
import type { Database } from "./database.ts";
import type { Collection, Session } from "./driver.ts";
import { surplus, wanted } from "./shard-balance.ts";

export type LeaseDocument = {
  _id: string;
  group: string;
  shard: number;
  holder: string | null;
  epoch: number;
  expiresAt: Date;
};
type ReplicaDocument = { _id: string; group: string; expiresAt: Date };

export type ShardLeaseOptions = {
  database: Database;
  /** Whose shards: one set a group. */
  group: string;
  /** Number of shards (default 256). */
  shards?: number;
  /** Name of this replica, unique and new at each start. */
  holder: string;
  /** How long a lease holds without renewal (default 7,000 ms). With `renewMs` it bounds how long a dead replica's shards lie idle. */
  leaseMs?: number;
  /** How often leases are renewed and balanced (default 2,000 ms). */
  renewMs?: number;
  log: Logger;
};

/**
 * Which shards this replica works on. Leases save double work; they do not keep the truth: versions do, for a replica that
 * was stopped for a minute believes in its leases until it looks. Times are the database's (`$$NOW`), so the replicas'
 * clocks may differ; how long a lease holds is judged here by a clock that only runs forward.
 */
export class ShardLeases {
  readonly #leases: Collection<LeaseDocument>;
  readonly #replicas: Collection<ReplicaDocument>;
  readonly #options: Required<Omit<ShardLeaseOptions, "database">>;
  #owned = new Map<number, number>();
  #validUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #draining = false;
  readonly #listeners = new Set<(owned: ReadonlySet<number>) => void>();

  constructor(options: ShardLeaseOptions) {
    this.#leases = options.database.system("shardLeases", "Leases belong to replicas, not to organizations.");
    this.#replicas = options.database.system("replicas", "Replicas serve all organizations.");
    this.#options = { shards: 256, leaseMs: 7000, renewMs: 2000, ...options };
  }

  /** Takes a first share and keeps it renewed. Resolves once the first round is done. */
  async start(): Promise<void> {
    await this.#createMissing();
    await this.#once();
    this.#timer = setInterval(() => void this.#once(), this.#options.renewMs);
  }

  /** Shards held now; empty once the leases have run out unrenewed. */
  owned(): ReadonlySet<number> {
    return performance.now() < this.#validUntilMs ? new Set(this.#owned.keys()) : new Set();
  }

  owns(shard: number): boolean {
    return this.#owned.has(shard) && performance.now() < this.#validUntilMs;
  }

  /** Grows with each change of holder; null where the shard is not held. */
  epoch(shard: number): number | null {
    return this.owns(shard) ? (this.#owned.get(shard) ?? null) : null;
  }

  /** Milliseconds that the leases still hold without renewal. */
  remainingMs(): number {
    return Math.max(0, this.#validUntilMs - performance.now());
  }

  /** Which of `shards` are this replica's in the eyes of a transaction: a fence for what must not be done twice. */
  async verify(shards: Iterable<number>, session: Session): Promise<ReadonlySet<number>> {
    const ids = [...new Set(shards)].map((shard) => this.#idOf(shard));
    const held = await this.#leases
      .find({ _id: { $in: ids }, holder: this.#options.holder }, { session, projection: { shard: 1 } })
      .toArray();
    return new Set(held.map(({ shard }) => shard));
  }

  onChange(listener: (owned: ReadonlySet<number>) => void): void {
    this.#listeners.add(listener);
  }

  /** Gives all shards back at once. */
  async drain(): Promise<void> {
    this.#draining = true;
    clearInterval(this.#timer);
    await this.#round;
    this.#owned.clear();
    const { group, holder } = this.#options;
    await this.#leases.updateMany({ group, holder }, { $set: { holder: null } });
    await this.#replicas.deleteOne({ _id: `${group}:${holder}` });
  }

  /** Stops without a word, as a killed process does: for tests. */
  abandon(): void {
    this.#draining = true;
    clearInterval(this.#timer);
  }

  #once(): Promise<void> {
    this.#round = this.#round
      .then(() => (this.#draining ? undefined : this.#renewAndBalance()))
      .catch((error: unknown) => {
        this.#options.log.warn(
          { err: error, group: this.#options.group },
          "Renewing shard leases failed; trying again.",
        );
      });
    return this.#round;
  }

  async #renewAndBalance(): Promise<void> {
    const { group, holder, shards, leaseMs } = this.#options;
    const askedAtMs = performance.now();
    const expiry = { $add: ["$$NOW", leaseMs] };
    await Promise.all([
      this.#replicas.updateOne({ _id: `${group}:${holder}` }, [{ $set: { group, expiresAt: expiry } }], {
        upsert: true,
      }),
      this.#leases.updateMany({ group, holder }, [{ $set: { expiresAt: expiry } }]),
    ]);
    const [alive, leases] = await Promise.all([
      this.#replicas.countDocuments({ group, $expr: { $gt: ["$expiresAt", "$$NOW"] } }),
      this.#leases
        .aggregate<LeaseDocument & { free: boolean }>([
          { $match: { group } },
          { $addFields: { free: { $or: [{ $eq: ["$holder", null] }, { $lte: ["$expiresAt", "$$NOW"] }] } } },
        ])
        .toArray(),
    ]);
    const mine = leases.filter((lease) => lease.holder === holder);
    const release = surplus(
      mine.map(({ shard }) => shard),
      shards,
      alive,
    );
    const take = wanted(
      leases.filter((lease) => lease.free && lease.holder !== holder),
      mine.length,
      shards,
      alive,
    );
    if (release.length > 0)
      await this.#leases.updateMany({ group, holder, shard: { $in: release } }, { $set: { holder: null } });
    if (take.length > 0) {
      await this.#leases.bulkWrite(
        take.map((lease) => ({
          updateOne: {
            filter: { _id: lease._id, epoch: lease.epoch },
            update: [{ $set: { holder, epoch: lease.epoch + 1, expiresAt: expiry } }],
          },
        })),
        { ordered: false },
      );
    }
    const held = release.length + take.length > 0 ? await this.#leases.find({ group, holder }).toArray() : mine;
    this.#adopt(new Map(held.map(({ shard, epoch }) => [shard, epoch])), askedAtMs + leaseMs);
  }

  #adopt(owned: Map<number, number>, validUntilMs: number): void {
    const changed =
      owned.size !== this.#owned.size || [...owned].some(([shard, epoch]) => this.#owned.get(shard) !== epoch);
    this.#owned = owned;
    this.#validUntilMs = validUntilMs;
    if (!changed) return;
    this.#options.log.info({ group: this.#options.group, shards: owned.size }, "Shards changed hands.");
    for (const listener of this.#listeners) listener(new Set(owned.keys()));
  }

  async #createMissing(): Promise<void> {
    const { group, shards } = this.#options;
    await this.#leases.createIndex({ group: 1, holder: 1 });
    await this.#leases.bulkWrite(
      Array.from({ length: shards }, (_, shard) => ({
        updateOne: {
          filter: { _id: this.#idOf(shard) },
          update: { $setOnInsert: { group, shard, holder: null, epoch: 0, expiresAt: new Date(0) } },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }

  #idOf(shard: number): string {
    return `${this.#options.group}:${shard}`;
  }
}
