import type {
  BulkOperation,
  Collection,
  Database,
  Filter,
  OrganizationScope,
  Session,
  TenantCollection,
} from "@cadenza/storage";
import { RunTallies } from "../metrics/run-tallies.ts";
import type { Tallied, Tally } from "../metrics/tally.ts";
import { changesOf } from "./changes-of.ts";
import { RUN_STATUSES, type Run, type RunTransition } from "./model.ts";
import { RunPlaces } from "./run-places.ts";
import {
  type EnrolmentHistory,
  type Rival,
  type RivalQuery,
  type RunChange,
  type RunKey,
  type RunRepository,
  StaleRunError,
} from "./run-repository.ts";

type StoredTransition = RunTransition & { _id: string; organizationId: string; runId: string };

type StartedKey = { _id: string; startedAt: Date };
type StartedQuery = { workflowId: string; from: Date; to: Date; after: StartedKey | null; limit: number };

/** Runs in MongoDB. */
export class RunStore implements RunRepository {
  /** For lists and reads of one organization. */
  readonly tenant: TenantCollection<Run>;
  /** What all runs add up to, kept by whatever writes them. */
  readonly tallies: RunTallies;
  /** Where runs stand and when they are due, kept by whatever writes them. */
  readonly places: RunPlaces;
  readonly #database: Database;
  readonly #runs: Collection<Run>;
  readonly #transitions: TenantCollection<StoredTransition>;
  readonly #allTransitions: Collection<StoredTransition>;

  constructor(database: Database) {
    this.#database = database;
    this.tenant = database.tenant<Run>("runs");
    this.tallies = new RunTallies(database);
    this.places = new RunPlaces(database);
    this.#transitions = database.tenant<StoredTransition>("runTransitions");
    this.#runs = database.system<Run>(
      "runs",
      "The engine moves due runs of all organizations in one batch; every key names its organization.",
    );
    this.#allTransitions = database.system<StoredTransition>(
      "runTransitions",
      "Written in the same batch as the runs of all organizations.",
    );
  }

  /** Data from before runs had places apart: without a place nothing would look at a run again. */
  async fillPlaces(): Promise<void> {
    if (!(await this.places.areMissing())) return;
    const fields = ["organizationId", "workflowId", "shard", "status", "startedAt", "currentStepId", "wakeAt"];
    const project = {
      ...Object.fromEntries(fields.map((field) => [field, 1])),
      standing: { $ifNull: [{ $last: "$executions.status" }, null] },
    };
    const pipeline = [
      { $match: { open: true } },
      { $project: project },
      { $merge: { into: "runPlaces", whenMatched: "keepExisting" } },
    ];
    await this.#runs.aggregate(pipeline).toArray();
  }

  async read(keys: readonly RunKey[], session: Session): Promise<Run[]> {
    const organizationOf = new Map(keys.map(({ runId, organizationId }) => [runId, organizationId]));
    const found = await this.#runs.find({ _id: { $in: [...organizationOf.keys()] } }, { session }).toArray();
    return found.filter((run) => organizationOf.get(run._id) === run.organizationId);
  }

  async write(changes: readonly RunChange[], session: Session): Promise<void> {
    if (changes.length === 0) return;
    const operations: BulkOperation<Run>[] = changes.map(({ before, after }) => ({
      updateOne: {
        filter: { _id: before._id, organizationId: before.organizationId, version: before.version },
        update: { $set: changesOf(before, after) },
      },
    }));
    const { matchedCount } = await this.#runs.bulkWrite(operations, { ordered: false, session });
    if (matchedCount !== changes.length) throw new StaleRunError(changes.length, matchedCount);
    await this.places.follow(changes, session);
    await this.tallies.count(changes, session);
    await this.#keepHistory(changes, session);
  }

  async insert(runs: readonly Run[], session: Session): Promise<void> {
    if (runs.length === 0) return;
    await this.#runs.insertMany([...runs], { session, ordered: true });
    await this.places.insert(runs, session);
    await this.tallies.count(
      runs.map((after) => ({ before: null, after })),
      session,
    );
  }

  async rivals(
    organizationId: string,
    { contactIds, workflowIds, groups }: RivalQuery,
    session: Session,
  ): Promise<Rival[]> {
    const common = { organizationId, contactId: { $in: [...contactIds] }, open: true };
    const queries: Filter<Run>[] = [
      { ...common, workflowId: { $in: [...workflowIds] } },
      // The type is said so that MongoDB sees the partial index.
      { ...common, exclusivityGroup: { $in: [...groups], $type: "string" } },
    ];
    const projection = { workflowId: 1, contactId: 1, exclusivityGroup: 1, startedAt: 1 };
    const asked = queries.filter((_, i) => contactIds.length > 0 && [workflowIds, groups][i]!.length > 0);
    const found: Rival[] = [];
    // One after another: operations of one transaction cannot run side by side.
    for (const query of asked) found.push(...(await this.#runs.find<Rival>(query, { session, projection }).toArray()));
    return [...new Map(found.map((run) => [run._id, run])).values()];
  }

  /** Contacts that have an open run of the workflow, with that run's id. */
  async openRuns(
    organizationId: string,
    workflowId: string,
    contactIds: readonly string[],
    session: Session,
  ): Promise<Map<string, string>> {
    if (contactIds.length === 0) return new Map();
    const filter: Filter<Run> = { organizationId, workflowId, contactId: { $in: [...contactIds] }, open: true };
    const found = await this.#runs.find(filter, { session, projection: { contactId: 1 } }).toArray();
    return new Map(found.map(({ contactId, _id }) => [contactId, _id]));
  }

  /** Of each contact that ever had a run of this workflow. */
  async histories(
    scope: OrganizationScope,
    workflowId: string,
    contactIds: readonly string[],
    session?: Session,
  ): Promise<Map<string, EnrolmentHistory>> {
    if (contactIds.length === 0) return new Map();
    const runs = await this.tenant.find(
      scope,
      { workflowId, contactId: { $in: [...contactIds] } },
      { projection: { contactId: 1, open: 1, ordinal: 1, startedAt: 1 }, sort: { contactId: 1, ordinal: 1 } },
      session,
    );
    const histories = new Map<string, EnrolmentHistory>();
    for (const { _id, contactId, open, ordinal, startedAt } of runs) {
      const known = histories.get(contactId);
      histories.set(contactId, {
        openRunId: open ? _id : (known?.openRunId ?? null),
        lastOrdinal: ordinal,
        lastStartedAt: known && known.lastStartedAt > startedAt ? known.lastStartedAt : startedAt,
      });
    }
    return histories;
  }

  /** Which of these runs exist, in any status. */
  async existing(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<Set<string>> {
    const found = await this.tenant.find(scope, { _id: { $in: [...ids] } }, { projection: { _id: 1 } }, session);
    return new Set(found.map(({ _id }) => _id));
  }

  /** Open runs of a workflow, page by page in the order of their contacts. */
  async openOfWorkflow(
    scope: OrganizationScope,
    workflowId: string,
    afterContactId: string,
    limit: number,
  ): Promise<{ _id: string; contactId: string }[]> {
    return this.tenant.find(
      scope,
      { workflowId, open: true, contactId: { $gt: afterContactId } },
      { projection: { contactId: 1 }, sort: { contactId: 1 }, limit, hint: "oneOpenRun" },
    );
  }

  /** What all runs of these workflows add up to, or of all workflows; by workflow. */
  tallyOf(scope: OrganizationScope, workflowIds: readonly string[] | null): Promise<Map<string, Tally>> {
    return this.#database.transaction((session) => this.tallies.all(scope, workflowIds, session));
  }

  /** What counts of the runs that started in `[from, to)`, page by page in the order of their start. */
  async startedIn(
    scope: OrganizationScope,
    { workflowId, from, to, after, limit }: StartedQuery,
    session: Session,
  ): Promise<(Tallied & StartedKey)[]> {
    const beyond = after
      ? { $or: [{ startedAt: { $gt: after.startedAt } }, { startedAt: after.startedAt, _id: { $gt: after._id } }] }
      : {};
    // All statuses, so that one index serves: it has them before the start.
    const filter = {
      workflowId,
      status: { $in: [...RUN_STATUSES] },
      startedAt: { $gte: after?.startedAt ?? from, $lt: to },
      ...beyond,
    } as Filter<Run>;
    const counted = ["stepId", "kind", "status", "reason", "messageId", "endedAt"].map((key) => [
      `executions.${key}`,
      1,
    ]);
    const projection = { status: 1, respondedAt: 1, startedAt: 1, ...Object.fromEntries(counted) };
    return this.tenant.find(
      scope,
      filter,
      { projection, sort: { startedAt: 1, _id: 1 }, limit, hint: "ofWorkflow" },
      session,
    );
  }

  /** All transitions, those moved out of the document first. */
  async transitions(scope: OrganizationScope, run: Run): Promise<RunTransition[]> {
    const older = await this.#transitions.find(scope, { runId: run._id }, { sort: { at: 1, _id: 1 } });
    return [...older.map(({ at, from, to, actor, reason }) => ({ at, from, to, actor, reason })), ...run.transitions];
  }

  async #keepHistory(changes: readonly RunChange[], session: Session): Promise<void> {
    const dropped = changes.flatMap(({ before, after, droppedTransitions }) =>
      droppedTransitions.map(
        (transition, index): StoredTransition => ({
          ...transition,
          _id: `${before._id}:${String(after.version).padStart(9, "0")}:${index}`,
          organizationId: before.organizationId,
          runId: before._id,
        }),
      ),
    );
    if (dropped.length > 0) await this.#allTransitions.insertMany(dropped, { session, ordered: false });
  }
}
