import { newId } from "@cadenza/platform";
import type { Collection, Database, Filter, IndexDefinition, OrganizationScope, Session } from "@cadenza/storage";
import { shardOf } from "@cadenza/storage";
import type { Run } from "../runs/model.ts";
import { add, addChange, type Tally } from "./tally.ts";

/**
 * DELTA: what one transaction added for runs of one workflow that started on one day. Folded later into DAY and ALL, the
 * sums of that workflow's day and of all its days.
 */
type TallyDocument = {
  _id: string;
  organizationId: string;
  workflowId: string;
  /** Of the workflow; whose owner folds. */
  shard: number;
  kind: "DELTA" | "DAY" | "ALL";
  /** 00:00 UTC of the day on which the runs started; null of ALL. */
  day: Date | null;
  amounts: Record<string, number>;
};

const DAY_MS = 86_400_000;

export const TALLY_INDEXES: IndexDefinition[] = [
  {
    collection: "runTallies",
    key: { organizationId: 1, kind: 1, workflowId: 1, day: 1 },
    options: { name: "ofWorkflow" },
  },
  {
    collection: "runTallies",
    key: { shard: 1 },
    options: { name: "unfolded", partialFilterExpression: { kind: "DELTA" } },
  },
];

/** The day, in UTC, that an instant lies on; as its 00:00. */
export function dayOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
}

/**
 * What runs add up to, kept in the transactions that write them: exact at every moment, and read without reading runs. A
 * transaction only inserts, so that no two ever wait for each other because of it.
 */
export class RunTallies {
  readonly #tallies: Collection<TallyDocument>;

  constructor(database: Database) {
    this.#tallies = database.system<TallyDocument>(
      "runTallies",
      "Written in the same batch as the runs of all organizations; every query names its organization.",
    );
  }

  /** Counts what a transaction does to runs; `before` is null for a new one. */
  async count(changes: readonly { before: Run | null; after: Run }[], session: Session): Promise<void> {
    const deltas = new Map<string, { run: Run; day: Date; tally: Tally }>();
    for (const { before, after } of changes) {
      const day = dayOf(after.startedAt);
      const key = `${after.workflowId}:${day.getTime()}`;
      const delta = deltas.get(key) ?? { run: after, day, tally: new Map<string, number>() };
      deltas.set(key, delta);
      addChange(delta.tally, before, after);
    }
    const documents = [...deltas.values()].flatMap(({ run, day, tally }): TallyDocument[] => {
      if (tally.size === 0) return [];
      const { organizationId, workflowId, updatedAt } = run;
      const amounts = Object.fromEntries(tally);
      return [
        { _id: newId(updatedAt), organizationId, workflowId, shard: shardOf(workflowId), kind: "DELTA", day, amounts },
      ];
    });
    if (documents.length > 0) await this.#tallies.insertMany(documents, { session, ordered: false });
  }

  /** Of all runs of these workflows; all of the organization's where none are named. By workflow. */
  async all(
    { organizationId }: OrganizationScope,
    workflowIds: readonly string[] | null,
    session: Session,
  ): Promise<Map<string, Tally>> {
    const narrowed = workflowIds ? { workflowId: { $in: [...workflowIds] } } : {};
    return this.#sum({ organizationId, kind: { $in: ["ALL", "DELTA"] }, ...narrowed }, session);
  }

  /** Of the workflow's runs that started on the days in `[from, to)`; both are 00:00 UTC, null is without end. */
  async ofDays(
    { organizationId }: OrganizationScope,
    workflowId: string,
    { from, to }: { from: Date | null; to: Date | null },
    session: Session,
  ): Promise<Tally> {
    const day = { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) };
    const filter = { organizationId, kind: { $in: ["DAY" as const, "DELTA" as const] }, workflowId, day };
    return (await this.#sum(filter, session)).get(workflowId) ?? new Map();
  }

  /** Adds up to `limit` deltas of these shards to their sums, and drops them. @returns how many there were. */
  async fold(shards: Iterable<number>, limit: number, session: Session): Promise<number> {
    const filter: Filter<TallyDocument> = { kind: "DELTA", shard: { $in: [...shards] } };
    const deltas = await this.#tallies.find(filter, { session, limit, hint: "unfolded" }).toArray();
    if (deltas.length === 0) return 0;
    const sums = new Map<string, { document: Omit<TallyDocument, "amounts">; tally: Tally }>();
    for (const { _id, amounts, ...delta } of deltas) {
      const day = delta.day?.toISOString().slice(0, 10);
      const documents = [
        { ...delta, _id: `DAY:${delta.workflowId}:${day}`, kind: "DAY" as const },
        { ...delta, _id: `ALL:${delta.workflowId}`, kind: "ALL" as const, day: null },
      ];
      for (const document of documents) {
        const sum = sums.get(document._id) ?? { document, tally: new Map<string, number>() };
        sums.set(document._id, sum);
        addAmounts(sum.tally, amounts);
      }
    }
    const operations = [...sums.values()].map(({ document: { _id, ...fields }, tally }) => {
      const $inc = Object.fromEntries([...tally].map(([key, amount]) => [`amounts.${key}`, amount]));
      // A day whose deltas cancel each other out still gets its document.
      const update = tally.size > 0 ? { $setOnInsert: fields, $inc } : { $setOnInsert: { ...fields, amounts: {} } };
      return { updateOne: { filter: { _id }, update, upsert: true } };
    });
    await this.#tallies.bulkWrite(operations, { ordered: false, session });
    await this.#tallies.deleteMany({ _id: { $in: deltas.map(({ _id }) => _id) } }, { session });
    return deltas.length;
  }

  async #sum(filter: Filter<TallyDocument>, session: Session): Promise<Map<string, Tally>> {
    const projection = { workflowId: 1, amounts: 1 };
    const found = this.#tallies.find(filter, { session, projection, hint: "ofWorkflow" });
    const sums = new Map<string, Tally>();
    for await (const { workflowId, amounts } of found) {
      const sum = sums.get(workflowId) ?? new Map<string, number>();
      sums.set(workflowId, sum);
      addAmounts(sum, amounts);
    }
    return sums;
  }
}

function addAmounts(to: Tally, amounts: Record<string, number>): void {
  for (const key in amounts) add(to, key, amounts[key]!);
}
