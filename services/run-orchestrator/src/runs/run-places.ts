import type { BulkOperation, Collection, Database, Filter, Session, TenantCollection } from "@cadenza/storage";
import { currentExecution, type ExecutionStatus, type Run } from "./model.ts";
import type { RunChange } from "./run-repository.ts";
import { EVER } from "./run-indexes.ts";

/**
 * Where a run stands and when it is looked at again: what changes with every step, apart from the run. MongoDB works out
 * the keys of all of a collection's indexes as soon as one indexed field changes, so this has its two, and a step leaves
 * the dozen of `runs` alone. Written in the run's transaction; there while the run has an alarm or a current step.
 */
export type RunPlace = Pick<
  Run,
  "_id" | "organizationId" | "workflowId" | "shard" | "status" | "startedAt" | "currentStepId" | "wakeAt"
> & {
  /** Of the current step. */
  standing: ExecutionStatus | null;
};
export type DueRun = { _id: string; organizationId: string; wakeAt: Date };
/** What a timer looks for: shards held, and until when. */
export type DueQuery = { shards: readonly number[]; until: Date; limit: number };

/** MongoDB merges so many sorted scans at most (internalQueryMaxScansToExplode); of more it reads and sorts everything due. */
const MAX_SCANS = 128;

/** Null where there is nothing to look for. */
export function placeOf(run: Run): RunPlace | null {
  const { _id, organizationId, workflowId, shard, status, startedAt, currentStepId, wakeAt } = run;
  if (!wakeAt && currentStepId === null) return null;
  const standing = currentExecution(run)?.status ?? null;
  return { _id, organizationId, workflowId, shard, status, startedAt, currentStepId, wakeAt, standing };
}

/** Places of runs in MongoDB. */
export class RunPlaces {
  /** For lists of one organization. */
  readonly tenant: TenantCollection<RunPlace>;
  readonly #places: Collection<RunPlace>;

  constructor(database: Database) {
    this.tenant = database.tenant<RunPlace>("runPlaces");
    this.#places = database.system<RunPlace>(
      "runPlaces",
      "Written in the same batch as the runs of all organizations, and searched for what is due in any of them.",
    );
  }

  async areMissing(): Promise<boolean> {
    return (await this.#places.findOne({}, { projection: { _id: 1 } })) === null;
  }

  async insert(runs: readonly Run[], session: Session): Promise<void> {
    const places = runs.map(placeOf).filter((place) => place !== null);
    if (places.length > 0) await this.#places.insertMany(places, { session, ordered: false });
  }

  /** Follows the runs that were written, which were read with their organizations in the same transaction. */
  async follow(changes: readonly Pick<RunChange, "before" | "after">[], session: Session): Promise<void> {
    const pairs = changes.map(({ before, after }) => ({ before: placeOf(before), after: placeOf(after) }));
    const operations = pairs.flatMap(({ before, after }) => operationOf(before, after));
    if (operations.length === 0) return;
    const options = { ordered: false, session };
    const { matchedCount, upsertedCount, deletedCount } = await this.#places.bulkWrite(operations, options);
    if (matchedCount + upsertedCount + deletedCount === operations.length) return;
    // A version from before places stood apart has written some of the runs meanwhile.
    await this.#places.bulkWrite(
      pairs.flatMap(({ after }) => (after ? operationOf(null, after) : [])),
      options,
    );
  }

  /** Runs whose alarm has rung, the longest overdue first. */
  async due({ shards, until, limit }: DueQuery): Promise<DueRun[]> {
    return (await this.#alarms(shards, { $gte: EVER, $lte: until }, limit)).slice(0, limit);
  }

  /** When the next alarm rings; null when none is set. */
  async nextAlarm(shards: readonly number[], after: Date): Promise<Date | null> {
    const [next] = await this.#alarms(shards, { $gt: after }, 1);
    return next?.wakeAt ?? null;
  }

  /** When the next step of any run falls due by itself; alarms that only ask again are left out. */
  async nextStepAt(after: Date): Promise<Date | null> {
    const timed: Filter<RunPlace> = {
      wakeAt: { $gt: after },
      status: "ACTIVE",
      standing: { $in: ["PENDING", "HELD"] },
    };
    const next = await this.#places.findOne(timed, { projection: { wakeAt: 1 }, sort: { wakeAt: 1 } });
    return next?.wakeAt ?? null;
  }

  /** Runs with something to do at this moment: an alarm that has rung, or a command that nobody has answered; 1,000 at most. */
  async countUnsettled(until: Date): Promise<number> {
    const unsettled: Filter<RunPlace> = {
      $or: [{ wakeAt: { $gte: EVER, $lte: until } }, { wakeAt: { $gte: EVER }, standing: "PROCESSING" }],
    };
    return this.#places.countDocuments(unsettled, { limit: 1000 });
  }

  /** The soonest alarms, up to `limit` of each part of the shards. */
  async #alarms(shards: readonly number[], wakeAt: Filter<RunPlace>["wakeAt"], limit: number): Promise<DueRun[]> {
    const parts = Array.from({ length: Math.ceil(shards.length / MAX_SCANS) }, (_, i) =>
      shards.slice(i * MAX_SCANS, (i + 1) * MAX_SCANS),
    );
    const found = await Promise.all(
      parts.map((part) => {
        const query = this.#places.find<DueRun>({ shard: { $in: part }, wakeAt } as Filter<RunPlace>, {
          projection: { organizationId: 1, wakeAt: 1 },
          hint: "due",
        });
        return query.sort({ wakeAt: 1 }).limit(limit).toArray();
      }),
    );
    return found.flat().toSorted((a, b) => a.wakeAt.getTime() - b.wakeAt.getTime());
  }
}

/** By the id alone, which MongoDB looks up without making a plan. */
function operationOf(before: RunPlace | null, after: RunPlace | null): BulkOperation<RunPlace>[] {
  if (!after) return before ? [{ deleteOne: { filter: { _id: before._id } } }] : [];
  const { _id, ...fields } = after;
  if (!before) return [{ updateOne: { filter: { _id }, update: { $set: fields }, upsert: true } }];
  const changed = (Object.keys(fields) as (keyof typeof fields)[]).filter((key) => !isSame(before[key], fields[key]));
  if (changed.length === 0) return [];
  const set = Object.fromEntries(changed.map((key) => [key, fields[key]])) as Partial<RunPlace>;
  return [{ updateOne: { filter: { _id }, update: { $set: set } } }];
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());
}
