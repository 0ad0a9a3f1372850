import type { Reason } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { type Filter, organizationScope } from "@cadenza/storage";
import type { ActionInput, Engine } from "../engine/engine.ts";
import { commitAgain } from "../enrolment/commit-again.ts";
import { toQuery } from "../run-graph/run-filter.ts";
import type { Run, RunStatus } from "../runs/model.ts";
import { REFUSALS } from "../runs/reasons.ts";
import type { BulkJob, BulkRunAction, RunActionWork } from "./bulk-job.ts";
import type { BulkStore } from "./bulk-store.ts";
import { Tally } from "./tally.ts";

const LOT_SIZE = 200;
type RunActionJob = BulkJob<RunActionWork>;
type FoundRun = Pick<Run, "_id" | "status">;

const INPUT_KINDS = {
  PAUSE: "pause",
  RESUME: "resume",
  RESUME_FINISHED: "resume",
  CANCEL: "cancel",
  RETRY: "retry",
} as const;
/** RESUME and RESUME_FINISHED are one deed for runs in different states. */
const ONLY: Partial<Record<BulkRunAction, ReadonlySet<RunStatus>>> = {
  RESUME: new Set<RunStatus>(["PAUSED"]),
  RESUME_FINISHED: new Set<RunStatus>(["FINISHED", "GOAL_MET"]),
};

export type RunActionWorkerOptions = { committer: Committer; jobs: BulkStore; engine: Engine };

/** Does the same to all runs that a filter finds, in the order of their ids; each lot is one transaction with the job's cursor. */
export class RunActionWorker {
  readonly #options: RunActionWorkerOptions;

  constructor(options: RunActionWorkerOptions) {
    this.#options = options;
  }

  async work(job: RunActionJob, isStopped: () => boolean): Promise<void> {
    let current = job;
    while (current.status === "RUNNING" && !isStopped())
      current = await commitAgain(this.#options.committer, (unit) => this.#lot(current, unit));
  }

  async #lot(job: RunActionJob, unit: UnitOfWork): Promise<RunActionJob> {
    const { engine, jobs } = this.#options;
    const scope = organizationScope(job.organizationId);
    const { kind, filter } = job.work;
    const query = { $and: [toQuery(filter), { _id: { $gt: job.cursor, $lte: job.upTo } }] } as Filter<Run>;
    const found: FoundRun[] = await engine.runs.tenant.find(
      scope,
      query,
      { projection: { status: 1 }, sort: { _id: 1 }, limit: LOT_SIZE },
      unit.session,
    );
    const tally = new Tally();
    const allowed = ONLY[kind];
    const chosen = found.filter(({ status }) => !allowed || allowed.has(status));
    for (const run of found) if (!chosen.includes(run)) tally.skipped(REFUSALS.notResumable(run.status));
    const ids = chosen.map(({ _id }) => _id);
    const results = await engine.applyIn(unit, scope, ids, inputOf(job));
    for (const result of results.values()) {
      if (!result || "run" in result) tally.succeeded();
      else countRefusal(tally, result.refused);
    }
    const progress = { tally, cursor: found.at(-1)?._id ?? job.cursor, isDone: found.length < LOT_SIZE };
    return (await jobs.advance(job, progress, unit)) as RunActionJob;
  }
}

function inputOf({ work: { kind }, actor }: RunActionJob): ActionInput {
  return kind === "SKIP_STEP" ? { kind: "skipStep", actor, stepId: null } : { kind: INPUT_KINDS[kind], actor };
}

function countRefusal(tally: Tally, reason: Reason): void {
  if (reason.code === "INTERNAL_ERROR") tally.failed(reason);
  else tally.skipped(reason);
}
