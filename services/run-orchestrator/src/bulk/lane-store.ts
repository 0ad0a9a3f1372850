import type { Database, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import { organizationScope } from "@cadenza/storage";
import type { BulkJob, CountedReason } from "./bulk-job.ts";
import { JobLostError } from "./bulk-store.ts";
import type { Counts, Tally } from "./tally.ts";

/** Lots of a page, enrolled side by side. */
export const LANES = 5;

/** What one lot of a job's page has come to, written with the runs that it started. */
export type BulkLane = {
  /** `<job>:<number>`. */
  _id: string;
  organizationId: string;
  jobId: string;
  /** Who may write; null once the job is canceled. */
  holder: string | null;
  /** The job's place at the beginning of the page: with the job's next place this counts no more. */
  cursor: string;
  counts: Counts;
  reasons: CountedReason[];
};

export const LANE_INDEXES: IndexDefinition[] = [
  { collection: "bulkLanes", key: { organizationId: 1, jobId: 1 }, options: { name: "ofJob" } },
];

/**
 * Lanes of bulk jobs. Each lot's transaction writes its own lane, so that lots do not wait for each other, and whoever
 * cancels the job or takes it over waits for the lots that are in hand and refuses all later ones.
 */
export class LaneStore {
  readonly #lanes: TenantCollection<BulkLane>;

  constructor(database: Database) {
    this.#lanes = database.tenant<BulkLane>("bulkLanes");
  }

  /** Makes the lanes this holder's, empty. Waits for what another holder has in hand. */
  async open({ _id: jobId, organizationId, holder, cursor }: BulkJob): Promise<void> {
    const scope = organizationScope(organizationId);
    const fields = { jobId, holder, cursor, counts: NOTHING, reasons: [] };
    // Outside of any transaction: such a write waits where one inside would fail.
    await this.#lanes.bulkWrite(
      scope,
      Array.from({ length: LANES }, (_, lane) => ({
        updateOne: { filter: { _id: `${jobId}:${lane}` }, update: { $set: fields }, upsert: true },
      })),
    );
  }

  /** Waits for the lots in hand; none is committed after this. */
  async close(scope: OrganizationScope, jobId: string): Promise<void> {
    await this.#lanes.updateMany(scope, { jobId }, { $set: { holder: null } });
  }

  /** In the transaction of the lot. @throws JobLostError where the lane is another holder's, or nobody's. */
  async record(job: BulkJob, lane: number, tally: Tally, session: Session): Promise<void> {
    const { _id: jobId, organizationId, holder, cursor } = job;
    const update = { $set: { cursor, counts: tally.counts, reasons: [...tally.reasons.values()] } };
    const scope = organizationScope(organizationId);
    const { matched } = await this.#lanes.updateOne(scope, { _id: `${jobId}:${lane}`, holder }, update, session);
    if (matched === 0) throw new JobLostError(jobId);
  }

  /** What the page in hand has come to so far. */
  async ofPage({ _id: jobId, organizationId, cursor }: BulkJob, session?: Session): Promise<BulkLane[]> {
    return this.#lanes.find(organizationScope(organizationId), { jobId, cursor }, {}, session);
  }

  async remove(scope: OrganizationScope, jobId: string, session: Session): Promise<void> {
    await this.#lanes.deleteMany(scope, { jobId }, session);
  }
}

const NOTHING: Counts = { processed: 0, succeeded: 0, skipped: 0, failed: 0 };
