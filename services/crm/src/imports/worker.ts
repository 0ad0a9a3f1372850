import type { Committer, CoreSubscription } from "@cadenza/messaging";
import { NO_CAUSATION } from "@cadenza/contracts";
import { type Logger, messageOf, newId, realClock } from "@cadenza/platform";
import { isDatabaseOutage, organizationScope } from "@cadenza/storage";
import type { Catalogs } from "../catalog/catalogs.ts";
import { CrmTransaction } from "../changes/crm-writer.ts";
import { type BatchStores, importBatch } from "./batch.ts";
import { type Column, readColumns } from "./csv-columns.ts";
import { type ImportJob, MAX_ROW_ERRORS, type RowError } from "./import-job.ts";
import { csvRows, jsonRows, type RawRow, UnreadableFileError } from "./rows.ts";
import { IMPORT_WAKE_SUBJECT } from "./service.ts";
import type { ImportStore } from "./store.ts";

/** Rows in one transaction. */
const BATCH_ROWS = 200;
/** How long a job lies idle after the death of its worker; renewed with every batch. */
const LEASE_MS = 8000;
/** A wake-up may be lost: the worker looks by itself this often. */
const LOOK_EVERY_MS = 1000;
const MAX_JOBS_AT_ONCE = 2;
const MAX_ATTEMPTS = 5;

class LostLeaseError extends Error {}

export type ImportWorkerOptions = {
  committer: Committer;
  catalogs: Catalogs;
  imports: ImportStore;
  stores: BatchStores;
  log: Logger;
};

/** Works on import jobs, each at one replica at a time; what a dead one left is taken up by another where it stood. */
export class ImportWorker {
  readonly #options: ImportWorkerOptions;
  readonly #holder = newId(realClock.now());
  readonly #busy = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #wakes: CoreSubscription | undefined;
  #stopping = false;
  #looking = false;

  constructor(options: ImportWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#wakes = this.#options.committer.bus.subscribeCore(IMPORT_WAKE_SUBJECT, () => void this.#look());
    void this.#look();
  }

  /** Finishes the batches in hand and gives the jobs back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#wakes?.stop();
    await Promise.all(this.#busy);
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#stopping) return;
    this.#looking = true;
    try {
      while (!this.#stopping && this.#busy.size < MAX_JOBS_AT_ONCE) {
        const job = await this.#options.imports.claim(this.#holder, LEASE_MS);
        if (!job) break;
        this.#track(this.#work(job));
      }
    } catch (error) {
      this.#options.log.warn({ reason: messageOf(error) }, "Looking for import jobs failed; trying again.");
    } finally {
      this.#looking = false;
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#busy.delete(tracked);
      void this.#look();
    });
    this.#busy.add(tracked);
  }

  async #work(job: ImportJob): Promise<void> {
    const { imports, log } = this.#options;
    const ids = { importJobId: job._id, organizationId: job.organizationId };
    try {
      const ended = await this.#importRows(job);
      if (ended) await imports.deleteChunks(organizationScope(job.organizationId), job._id);
      else await imports.release(job, this.#holder, new Date(0), false);
    } catch (error) {
      if (error instanceof LostLeaseError) return log.info(ids, "Another replica has taken up this import.");
      await this.#handBack(job, error);
    }
  }

  /** @returns false where it stopped before the end, to be taken up later. */
  async #importRows(job: ImportJob): Promise<boolean> {
    const scope = organizationScope(job.organizationId);
    // Whatever was defined before the import began is known to all of its batches.
    await this.#options.catalogs.fresh(scope);
    const content = this.#options.imports.content(scope, job);
    let state = job;
    let columns: Column[] = [];
    let batch: RawRow[] = [];
    let seen = 0;
    try {
      for await (const row of job.format === "CSV" ? csvRows(content) : jsonRows(content)) {
        if ("cells" in row && columns.length === 0) {
          const read = readColumns(row.cells, await this.#options.catalogs.recent(scope), []);
          if (!read.ok) return await this.#fail(state, { line: row.line, message: read.problems[0]!.message });
          columns = read.value;
          continue;
        }
        if (seen++ < job.processed) continue;
        batch.push(row);
        if (batch.length < BATCH_ROWS) continue;
        if (this.#stopping) return false;
        state = await this.#commit(state, batch, columns, false);
        batch = [];
      }
      await this.#commit(state, batch, columns, true);
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      state = batch.length > 0 ? await this.#commit(state, batch, columns, false) : state;
      await this.#fail(state, { line: error.line, message: `The file cannot be read from here on: ${error.message}` });
    }
    return true;
  }

  async #commit(
    job: ImportJob,
    rows: readonly RawRow[],
    columns: readonly Column[],
    last: boolean,
  ): Promise<ImportJob> {
    const { committer, catalogs, stores } = this.#options;
    const scope = organizationScope(job.organizationId);
    const catalog = await catalogs.recent(scope);
    return committer.commit(async (unit) => {
      const at = committer.clock.now();
      const transaction = new CrmTransaction(scope, unit, { actor: job.actor, causation: NO_CAUSATION, at });
      const errors = await importBatch(transaction, job, rows, { catalog, columns, stores });
      transaction.tell();
      const processed = job.processed + rows.length;
      return this.#advance(job, transaction, errors, {
        processed,
        succeeded: job.succeeded + rows.length - errors.length,
        attempts: 0,
        ...(last ? { status: "SUCCEEDED", total: processed, endedAt: at } : {}),
      });
    });
  }

  /** The end of a job that cannot go on. @returns true: there is nothing left to do. */
  async #fail(job: ImportJob, error: RowError): Promise<boolean> {
    const { committer } = this.#options;
    await committer.commit((unit) => {
      const at = committer.clock.now();
      const scope = organizationScope(job.organizationId);
      const transaction = new CrmTransaction(scope, unit, { actor: job.actor, causation: NO_CAUSATION, at });
      return this.#advance(job, transaction, [error], { status: "FAILED", endedAt: at });
    });
    return true;
  }

  /** Moves the job on, if it is still this replica's and where it was left (the fence against a late writer). */
  async #advance(
    job: ImportJob,
    { scope, session, unit, at }: CrmTransaction,
    errors: readonly RowError[],
    changes: Partial<ImportJob>,
  ): Promise<ImportJob> {
    const next: ImportJob = {
      ...job,
      ...changes,
      failed: job.failed + errors.length,
      rowErrors: [...job.rowErrors, ...errors].slice(0, MAX_ROW_ERRORS),
      leaseUntil: new Date(realClock.now().getTime() + LEASE_MS),
      version: job.version + 1,
      updatedAt: at,
    };
    const { _id, organizationId: _organization, key: _key, ...state } = next;
    const mine = { _id, leaseHolder: this.#holder, version: job.version, status: "RUNNING" } as const;
    const { matched } = await this.#options.imports.jobs.updateOne(scope, mine, { $set: state }, session);
    if (matched === 0) throw new LostLeaseError();
    unit.notify("importJob", scope.organizationId, _id, next.version);
    return next;
  }

  async #handBack(job: ImportJob, error: unknown): Promise<void> {
    const { imports, log } = this.#options;
    const ids = { importJobId: job._id, organizationId: job.organizationId };
    const isOutage = isDatabaseOutage(error);
    if (isOutage) log.warn({ ...ids, reason: messageOf(error) }, "The database is away; the import goes on later.");
    else log.error({ ...ids, err: error, attempts: job.attempts + 1 }, "An import failed; it is tried again.");
    try {
      const current = await imports.find(organizationScope(job.organizationId), job._id);
      if (!isOutage && current && current.attempts + 1 >= MAX_ATTEMPTS) {
        const message = "The import stopped here for a reason of our own. What came before is imported.";
        await this.#fail(current, { line: current.processed + 1, message });
        return;
      }
      const backoffMs = 500 * 2 ** Math.min(current?.attempts ?? 0, 5);
      await imports.release(job, this.#holder, new Date(realClock.now().getTime() + backoffMs), !isOutage);
    } catch (cause) {
      // The lease runs out by itself.
      log.warn({ ...ids, reason: messageOf(cause) }, "An import could not be handed back; its lease runs out.");
    }
  }
}
