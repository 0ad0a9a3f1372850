import type { Actor, Reason } from "@cadenza/contracts";
import type { IndexDefinition } from "@cadenza/storage";
import type { RunFilter } from "../run-graph/run-filter.ts";

export const BULK_RUN_ACTIONS = ["PAUSE", "RESUME", "RESUME_FINISHED", "CANCEL", "RETRY", "SKIP_STEP"] as const;
export type BulkRunAction = (typeof BULK_RUN_ACTIONS)[number];
export type BulkJobStatus = "RUNNING" | "SUCCEEDED" | "CANCELED" | "FAILED";

/** Exactly one of `contactIds` (ascending, each once) and `filterJson` (a ContactFilter). */
export type EnrollWork = {
  kind: "ENROLL";
  workflowId: string;
  contactIds: string[] | null;
  filterJson: string | null;
  chosenAccountIds: string[];
  enrollingUserId: string | null;
};
export type RunActionWork = { kind: BulkRunAction; filter: RunFilter };
export type CountedReason = Reason & { count: number };

/** Many starts or actions as one job (ENR-3): how far it is, and who works on it until when. */
export type BulkJob<W extends EnrollWork | RunActionWork = EnrollWork | RunActionWork> = {
  _id: string;
  organizationId: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  status: BulkJobStatus;
  actor: Actor;
  work: W;
  /** Null until it is counted. */
  total: number | null;
  processed: number;
  succeeded: number;
  skipped: number;
  failed: number;
  reasons: CountedReason[];
  startedAt: Date;
  endedAt: Date | null;
  /** Everything up to this id is done; "" before the first. */
  cursor: string;
  /** What came into being after the job is not its business: ids above this one. */
  upTo: string;
  holder: string | null;
  /** Once it has passed, by the database's clock, any replica may go on. */
  leaseUntil: Date;
  /** Tries in a row that failed for a reason of our own. */
  faults: number;
};

export const BULK_INDEXES: IndexDefinition[] = [
  {
    collection: "bulkJobs",
    key: { leaseUntil: 1 },
    options: { name: "running", partialFilterExpression: { status: "RUNNING" } },
  },
];
