import { randomUUID } from "node:crypto";
import { type Envelope, type UnitOfWork } from "@cadenza/messaging";
import type { Collection, Database, IndexDefinition } from "@cadenza/storage";
import { organizationScope, shardOf } from "@cadenza/storage";
import type { Logger } from "@cadenza/platform";
import type { RunStore } from "../runs/store.ts";
import { ChangingWorkflows } from "./changing-workflows.ts";
import { BATCH_SIZE } from "./due-worker.ts";
import type { BatchMover } from "./move-batch.ts";

/** A workflow has changed, and its open runs are being shown the change, page by page. Survives a crash. */
export type Retime = {
  /** Workflow's id. */
  _id: string;
  organizationId: string;
  /** Whose owner does it. */
  shard: number;
  /** Names the newest change: one that comes during the walk begins it anew, and no earlier walk can take it for its own. */
  change: string;
  /** When the newest change was made. */
  at: Date;
  /** Runs of contacts up to this one have been shown the newest change. */
  afterContactId: string;
};

/** Batches of one turn, and how many of them are in flight together, so that the database is never idle. */
const PAGES = 6;
const LANES = 3;

export const RETIME_INDEXES: IndexDefinition[] = [
  { collection: "retimes", key: { shard: 1 }, options: { name: "ofShard" } },
];

export type RetimesOptions = {
  database: Database;
  runs: RunStore;
  batches: BatchMover;
  shards: { owned(): ReadonlySet<number> };
  log: Pick<Logger, "debug">;
  /** Keeps the due worker from moving the same runs at the same time. */
  exclusively: <T>(runIds: readonly string[], work: () => Promise<T>) => Promise<T>;
};

/**
 * Shows a change of a workflow to its open runs (EDIT-2 to EDIT-4, WF-1). Whatever moves a run lets the newest revision
 * decide, so nothing is done by an older one; this is for runs that nothing else would move before their alarm rings.
 */
export class Retimes {
  /** What is being shown, as this replica knows. */
  readonly changing: ChangingWorkflows;
  readonly #retimes: Collection<Retime>;
  readonly #options: RetimesOptions;
  /** The workflow that had the last turn. */
  #lastTurn = "";

  constructor(options: RetimesOptions) {
    this.#options = options;
    this.#retimes = options.database.system<Retime>(
      "retimes",
      "The engine walks the runs of changed workflows of all organizations.",
    );
    this.changing = new ChangingWorkflows(this.#retimes, options.log);
  }

  /** Notes what changed, in the transaction that consumes the event. */
  async note(envelopes: readonly Envelope<"workflowChanged">[], unit: UnitOfWork): Promise<void> {
    const told = envelopes.flatMap(({ organizationId, items }) => items.map((item) => ({ ...item, organizationId })));
    const operations = [...Map.groupBy(told, ({ workflowId }) => workflowId)].map(([workflowId, changes]) => ({
      updateOne: {
        filter: { _id: workflowId },
        update: {
          $set: {
            organizationId: changes[0]!.organizationId,
            shard: shardOf(workflowId),
            change: randomUUID(),
            afterContactId: "",
          },
          $max: { at: new Date(Math.max(...changes.map(({ at }) => at.getTime()))) },
        },
        upsert: true,
      },
    }));
    if (operations.length === 0) return;
    await this.#retimes.bulkWrite(operations, { ordered: false, session: unit.session });
    unit.afterCommit(() => void this.changing.look());
  }

  /**
   * Shows the next few pages of one changed workflow of the owned shards; workflows take turns, so that none waits for a
   * larger or a restless one. @returns whether there was one.
   */
  async work(): Promise<boolean> {
    const retime = await this.#next([...this.#options.shards.owned()]);
    if (!retime) return false;
    this.#lastTurn = retime._id;
    const last = await this.#walkPages(retime);
    // A change that came meanwhile has begun the walk anew.
    const same = { _id: retime._id, change: retime.change };
    if (last === null) await this.#retimes.deleteOne(same);
    else await this.#retimes.updateOne(same, { $set: { afterContactId: last } });
    return true;
  }

  /** Workflows whose change is being shown. */
  count(): Promise<number> {
    return this.#retimes.countDocuments({});
  }

  async #next(shards: readonly number[]): Promise<Retime | null> {
    if (shards.length === 0) return null;
    const owned = { shard: { $in: [...shards] } };
    const next = await this.#retimes.findOne({ ...owned, _id: { $gt: this.#lastTurn } }, { sort: { _id: 1 } });
    return next ?? this.#retimes.findOne(owned, { sort: { _id: 1 } });
  }

  /** @returns the last contact of the pages; null when there were none. */
  async #walkPages(retime: Retime): Promise<string | null> {
    const { runs } = this.#options;
    const { _id: workflowId, organizationId, afterContactId } = retime;
    const scope = organizationScope(organizationId);
    const open = await runs.openOfWorkflow(scope, workflowId, afterContactId, PAGES * BATCH_SIZE);
    const lots = Array.from({ length: Math.ceil(open.length / BATCH_SIZE) }, (_, i) =>
      open.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
    );
    const waiting = lots.values();
    const lane = async (): Promise<void> => {
      for (const lot of waiting) await this.#show(retime, lot);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return open.at(-1)?.contactId ?? null;
  }

  #show({ organizationId, at }: Retime, lot: readonly { _id: string }[]): Promise<void> {
    const { batches, exclusively } = this.#options;
    const input = { kind: "definitionChanged", at } as const;
    return exclusively(
      lot.map(({ _id }) => _id),
      () => batches.move(lot.map(({ _id }) => ({ runId: _id, organizationId, input }))),
    );
  }
}
