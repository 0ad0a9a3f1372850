import type { Bus, Committer, CoreSubscription } from "@cadenza/messaging";
import { type Logger, messageOf } from "@cadenza/platform";
import { isDatabaseOutage } from "@cadenza/storage";
import type { BulkJob, EnrollWork, RunActionWork } from "./bulk-job.ts";
import { type BulkStore, JobLostError } from "./bulk-store.ts";
import type { EnrollWorker } from "./enroll-work.ts";
import type { RunActionWorker } from "./run-action-work.ts";

/** Says that there is a new job. */
export const BULK_WAKE_SUBJECT = "wake.run-orchestrator-bulk";
/** A job whose holder has died is found by this look. */
const LOOK_EVERY_MS = 1000;
/** Jobs at a time in one process: one organization's large job keeps nobody else's waiting. */
const MAX_JOBS = 3;

export type BulkWorkerOptions = {
  jobs: BulkStore;
  committer: Committer;
  bus: Bus;
  enroll: EnrollWorker;
  runActions: RunActionWorker;
  /** Name of this replica, unique and new at each start. */
  holder: string;
  log: Logger;
};

/** Takes up bulk jobs, one replica a job, and goes on with what a dead replica left. */
export class BulkWorker {
  readonly #options: BulkWorkerOptions;
  readonly #busy = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #subscription: CoreSubscription | undefined;
  #stopped = false;
  #abandoned = false;

  constructor(options: BulkWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#subscription = this.#options.bus.subscribeCore(BULK_WAKE_SUBJECT, () => this.#look());
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#look();
  }

  /** Finishes the pages in hand and hands the jobs back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#subscription?.stop();
    await Promise.all(this.#busy);
  }

  /** Stops without giving anything back, as a killed process does: for tests. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    await this.stop();
  }

  #look(): void {
    if (this.#stopped || this.#busy.size >= MAX_JOBS) return;
    const work = this.#workOnOne()
      .catch((error: unknown) => {
        this.#options.log.warn({ reason: messageOf(error) }, "Looking for bulk jobs failed; trying again.");
        return false;
      })
      .then((worked) => {
        this.#busy.delete(work);
        if (worked) this.#look();
      });
    this.#busy.add(work);
  }

  /** @returns whether there was one. */
  async #workOnOne(): Promise<boolean> {
    const { jobs, holder } = this.#options;
    const job = await jobs.claim(holder);
    if (!job) return false;
    // Others may wait behind it.
    this.#look();
    try {
      await this.#work(job);
      if (this.#stopped && !this.#abandoned) await jobs.release(job);
    } catch (error) {
      await this.#failed(job, error);
    }
    return true;
  }

  #work(job: BulkJob): Promise<void> {
    const isStopped = (): boolean => this.#stopped;
    return job.work.kind === "ENROLL"
      ? this.#options.enroll.work(job as BulkJob<EnrollWork>, isStopped)
      : this.#options.runActions.work(job as BulkJob<RunActionWork>, isStopped);
  }

  async #failed(job: BulkJob, error: unknown): Promise<void> {
    const { jobs, committer, log } = this.#options;
    const about = { jobId: job._id, organizationId: job.organizationId };
    if (error instanceof JobLostError) return log.info(about, "A bulk job was canceled or is another replica's.");
    if (isDatabaseOutage(error)) {
      log.warn({ ...about, reason: messageOf(error) }, "A bulk job waits for what is away.");
      return jobs.release(job);
    }
    const status = await committer.commit((unit) => jobs.fault(job, unit));
    log.error({ ...about, err: error, status }, "A bulk job failed.");
  }
}
