import type { Reason } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import {
  type Collection,
  type Database,
  type OrganizationScope,
  organizationScope,
  type Session,
  type TenantCollection,
} from "@cadenza/storage";
import type { BulkJob, BulkJobStatus } from "./bulk-job.ts";
import type { Tally } from "./tally.ts";

/** With the worker's regular look it bounds how long a dead replica's job lies idle. */
const LEASE_MS = 7000;
/** After a failure others had better wait a moment too. */
const PAUSE_MS = 1000;
const MAX_FAULTS = 5;
const GIVEN_UP: Reason = {
  code: "INTERNAL_ERROR",
  message: "Something went wrong on our side. What is counted as succeeded was done; start another job for the rest.",
};

/** The job is another replica's by now, or has been canceled; nothing of the transaction may stand. */
export class JobLostError extends Error {
  constructor(jobId: string) {
    super(`Bulk job ${jobId} is not this replica's any more.`);
    this.name = "JobLostError";
  }
}

export type Progress = { tally: Tally; cursor: string; total?: number | undefined; isDone: boolean };

export class BulkStore {
  readonly #jobs: TenantCollection<BulkJob>;
  readonly #all: Collection<BulkJob>;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#jobs = database.tenant<BulkJob>("bulkJobs");
    this.#all = database.system<BulkJob>("bulkJobs", "Replicas take up jobs of any organization.");
    this.#clock = clock;
  }

  async find(scope: OrganizationScope, id: string, session?: Session): Promise<BulkJob | null> {
    return this.#jobs.findOne(scope, { _id: id }, session);
  }

  async insert(scope: OrganizationScope, job: BulkJob, unit: UnitOfWork): Promise<void> {
    await this.#jobs.insertMany(scope, [job], unit.session);
    unit.notify("bulkJob", job.organizationId, job._id, job.version);
  }

  /** Null where it does not run any more. */
  async cancel(scope: OrganizationScope, id: string, unit: UnitOfWork): Promise<BulkJob | null> {
    const now = this.#clock.now();
    const filter = { _id: id, status: "RUNNING" as const };
    const update = {
      $set: { status: "CANCELED" as const, endedAt: now, updatedAt: now, holder: null },
      $inc: { version: 1 },
    };
    const job = await this.#jobs.findOneAndUpdate(scope, filter, update, unit.session);
    if (job) unit.notify("bulkJob", job.organizationId, job._id, job.version);
    return job;
  }

  /** A running job that nobody works on; null where there is none. */
  async claim(holder: string): Promise<BulkJob | null> {
    const filter = { status: "RUNNING" as const, $expr: { $lte: ["$leaseUntil", "$$NOW"] } };
    const update = [{ $set: { holder, leaseUntil: { $add: ["$$NOW", LEASE_MS] } } }];
    return (await this.#all.findOneAndUpdate(filter, update, {
      sort: { leaseUntil: 1 },
      returnDocument: "after",
    })) as BulkJob | null;
  }

  /** @throws JobLostError where the transaction sees the job in other hands. */
  async assertHeld(job: BulkJob, session: Session): Promise<void> {
    const { _id, organizationId, holder, cursor } = job;
    const held = await this.#jobs.findOne(
      organizationScope(organizationId),
      { _id, holder, cursor, status: "RUNNING" },
      session,
    );
    if (!held) throw new JobLostError(_id);
  }

  /** Notes what is done and keeps the lease. @throws JobLostError where the job is in other hands, or not where it was. */
  async advance(job: BulkJob, { tally, cursor, total, isDone }: Progress, unit: UnitOfWork): Promise<BulkJob> {
    const { _id, organizationId, holder } = job;
    const now = this.#clock.now();
    const counts = Object.fromEntries(
      Object.entries(tally.counts).map(([name, count]) => [name, { $add: [`$${name}`, count] }]),
    );
    // Of what a filter found at first some may be gone by now.
    const counted = isDone ? { total: { $add: ["$processed", tally.counts.processed] } } : {};
    const ended = isDone ? { status: "SUCCEEDED" satisfies BulkJobStatus, endedAt: now, holder: null } : {};
    const set = {
      ...counts,
      ...ended,
      reasons: { $literal: tally.addedTo(job.reasons) },
      cursor,
      ...(total === undefined ? {} : { total }),
      ...counted,
      faults: 0,
      version: { $add: ["$version", 1] },
      updatedAt: now,
      leaseUntil: { $add: ["$$NOW", LEASE_MS] },
    };
    const filter = { _id, holder, cursor: job.cursor, status: "RUNNING" as const };
    const next = await this.#jobs.findOneAndUpdate(
      organizationScope(organizationId),
      filter,
      [{ $set: set }],
      unit.session,
    );
    if (!next) throw new JobLostError(_id);
    unit.notify("bulkJob", organizationId, _id, next.version);
    return next;
  }

  /** Hands the job back, to be taken up soon. */
  async release(job: BulkJob): Promise<void> {
    const { _id, holder } = job;
    await this.#all.updateOne({ _id, holder, status: "RUNNING" }, [
      { $set: { holder: null, leaseUntil: { $add: ["$$NOW", PAUSE_MS] } } },
    ]);
  }

  /** A try that failed for a reason of our own; the job is given up after several in a row, and says so. */
  async fault(job: BulkJob, unit: UnitOfWork): Promise<BulkJobStatus> {
    const { _id, organizationId, holder } = job;
    const isOver = job.faults + 1 >= MAX_FAULTS;
    const now = this.#clock.now();
    const reasons = [...job.reasons, { ...GIVEN_UP, count: Math.max(1, (job.total ?? 0) - job.processed) }];
    const ended = isOver
      ? {
          status: "FAILED" satisfies BulkJobStatus,
          reasons: { $literal: reasons },
          endedAt: now,
          updatedAt: now,
          version: { $add: ["$version", 1] },
        }
      : {};
    const update = [
      { $set: { ...ended, faults: job.faults + 1, holder: null, leaseUntil: { $add: ["$$NOW", PAUSE_MS] } } },
    ];
    const filter = { _id, holder, status: "RUNNING" as const };
    const next = await this.#jobs.findOneAndUpdate(organizationScope(organizationId), filter, update, unit.session);
    if (next && isOver) unit.notify("bulkJob", organizationId, _id, next.version);
    return next?.status ?? "CANCELED";
  }
}
