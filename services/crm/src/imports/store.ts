import {
  Binary,
  type Collection,
  type Database,
  type OrganizationScope,
  type TenantCollection,
} from "@cadenza/storage";
import { realClock } from "@cadenza/platform";
import { chunkId, type ImportChunk, type ImportJob } from "./import-job.ts";

export class ImportStore {
  readonly jobs: TenantCollection<ImportJob>;
  readonly chunks: TenantCollection<ImportChunk>;
  readonly #waiting: Collection<ImportJob>;

  constructor(database: Database) {
    this.jobs = database.tenant("importJobs");
    this.chunks = database.tenant("importChunks");
    this.#waiting = database.system("importJobs", "A worker takes whichever organization's job waits.");
  }

  find(scope: OrganizationScope, id: string): Promise<ImportJob | null> {
    return this.jobs.findOne(scope, { _id: id });
  }

  findByKey(scope: OrganizationScope, key: string): Promise<ImportJob | null> {
    return this.jobs.findOne(scope, { key });
  }

  async addChunk(scope: OrganizationScope, jobId: string, index: number, data: Buffer): Promise<void> {
    const { organizationId } = scope;
    const chunk = {
      _id: chunkId(jobId, index),
      organizationId,
      jobId,
      data: new Binary(data),
      createdAt: realClock.now(),
    };
    await this.chunks.insertMany(scope, [chunk]);
  }

  async deleteChunks(scope: OrganizationScope, jobId: string): Promise<void> {
    await this.chunks.deleteMany(scope, { jobId });
  }

  /** The content, part by part; the next part is fetched while one is worked on. */
  async *content(scope: OrganizationScope, job: ImportJob): AsyncGenerator<Buffer> {
    const fetch = (index: number) => this.chunks.findOne(scope, { _id: chunkId(job._id, index) });
    let next = fetch(0);
    for (let index = 0; index < job.chunks; index++) {
      const chunk = await next;
      if (!chunk) throw new Error(`Part ${index} of import ${job._id} is missing.`);
      if (index + 1 < job.chunks) next = fetch(index + 1);
      // Awaited in the next turn, which a consumer may never ask for.
      next.catch(() => undefined);
      yield Buffer.from(chunk.data.buffer);
    }
  }

  /** Takes a running job that nobody holds. Leases live on real time. */
  claim(holder: string, leaseMs: number): Promise<ImportJob | null> {
    const nowMs = realClock.now().getTime();
    return this.#waiting.findOneAndUpdate(
      { status: "RUNNING", leaseUntil: { $lte: new Date(nowMs) } },
      { $set: { leaseHolder: holder, leaseUntil: new Date(nowMs + leaseMs) } },
      { sort: { leaseUntil: 1 }, returnDocument: "after" },
    );
  }

  /** Gives a job back; another may take it at `at`. */
  async release(job: ImportJob, holder: string, at: Date, failed: boolean): Promise<void> {
    await this.#waiting.updateOne(
      { _id: job._id, organizationId: job.organizationId, leaseHolder: holder },
      { $set: { leaseHolder: null, leaseUntil: at }, $inc: { attempts: failed ? 1 : 0 } },
    );
  }
}
