import { createHash } from "node:crypto";
import type { Committer } from "@cadenza/messaging";
import { newId } from "@cadenza/platform";
import { isDuplicateKey } from "@cadenza/storage";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Caller } from "../changes/crm-writer.ts";
import { done, type Outcome, type Problem, problem, refused } from "../values/problem.ts";
import { headerOf, readColumns } from "./csv-columns.ts";
import { CHUNK_BYTES, type ImportFormat, type ImportJob } from "./import-job.ts";
import { RecordCounter } from "./record-counter.ts";
import type { ImportStore } from "./store.ts";

/** Wakes workers that have nothing to do. */
export const IMPORT_WAKE_SUBJECT = "wake.crm.imports";

/** Where in the caller's request the content and the key stand, for the paths of problems. */
export type ImportPlaces = { content: readonly string[]; key: readonly string[] };

type StoredContent = Pick<ImportJob, "contentHash" | "chunks" | "total">;

const MAX_KEY_LENGTH = 200;

export class ImportService {
  readonly #committer: Committer;
  readonly #catalogs: Catalogs;
  readonly #imports: ImportStore;

  constructor(parts: { committer: Committer; catalogs: Catalogs; imports: ImportStore }) {
    this.#committer = parts.committer;
    this.#catalogs = parts.catalogs;
    this.#imports = parts.imports;
  }

  /**
   * Stores the content and sets a job on its way. A second import with the same key is the first one.
   * @param maxBytes refused beyond this, with nothing kept.
   * @returns the job's id.
   */
  async start(
    caller: Caller,
    input: { format: ImportFormat; content: AsyncIterable<Buffer>; key: string | null; maxBytes: number },
    places: ImportPlaces,
  ): Promise<Outcome<string>> {
    if (input.key !== null && !isKey(input.key)) {
      return refused([problem("INVALID_VALUE", `A key has 1 to ${MAX_KEY_LENGTH} characters.`, places.key)]);
    }
    const at = this.#committer.clock.now();
    const id = newId(at);
    let stored: Outcome<StoredContent>;
    try {
      stored = await this.#store(caller, id, input, places);
    } catch (error) {
      // The caller hung up, or the database is away; then what is left runs out by itself.
      await this.#imports.deleteChunks(caller.scope, id);
      throw error;
    }
    if (!stored.ok) {
      await this.#imports.deleteChunks(caller.scope, id);
      return stored;
    }
    const job: ImportJob = {
      _id: id,
      organizationId: caller.scope.organizationId,
      status: "RUNNING",
      format: input.format,
      ...(input.key === null ? {} : { key: input.key }),
      ...stored.value,
      actor: caller.actor,
      processed: 0,
      succeeded: 0,
      failed: 0,
      rowErrors: [],
      startedAt: at,
      endedAt: null,
      leaseHolder: null,
      leaseUntil: new Date(0),
      attempts: 0,
      version: 1,
      createdAt: at,
      updatedAt: at,
    };
    return this.#begin(caller, job, places);
  }

  async #begin(caller: Caller, job: ImportJob, places: ImportPlaces): Promise<Outcome<string>> {
    try {
      await this.#committer.commit(async (unit) => {
        await this.#imports.jobs.insertMany(caller.scope, [job], unit.session);
        unit.wake(IMPORT_WAKE_SUBJECT);
      });
      return done(job._id);
    } catch (error) {
      if (job.key === undefined || !isDuplicateKey(error)) throw error;
      await this.#imports.deleteChunks(caller.scope, job._id);
      const first = await this.#imports.findByKey(caller.scope, job.key);
      if (!first) throw error;
      if (first.contentHash === job.contentHash && first.format === job.format) return done(first._id);
      return refused([problem("IDEMPOTENCY_KEY_REUSED", "This key was used for another import.", places.key)]);
    }
  }

  async #store(
    caller: Caller,
    jobId: string,
    input: { format: ImportFormat; content: AsyncIterable<Buffer>; maxBytes: number },
    places: ImportPlaces,
  ): Promise<Outcome<StoredContent>> {
    const hash = createHash("sha256");
    const counter = new RecordCounter(input.format);
    let [chunks, bytes] = [0, 0];
    for await (const chunk of chunksOf(input.content)) {
      bytes += chunk.length;
      const problems = [
        ...(bytes > input.maxBytes ? [tooLarge(input.maxBytes, places.content)] : []),
        ...(chunks === 0 && input.format === "CSV" ? await this.#headerProblems(caller, chunk, places) : []),
      ];
      if (problems.length > 0) return refused(problems);
      hash.update(chunk);
      counter.push(chunk);
      await this.#imports.addChunk(caller.scope, jobId, chunks++, chunk);
    }
    if (chunks === 0) return refused([problem("EMPTY", "There is nothing to import.", places.content)]);
    return done({ contentHash: hash.digest("hex"), chunks, total: counter.end() });
  }

  async #headerProblems(caller: Caller, start: Buffer, places: ImportPlaces): Promise<Problem[]> {
    const header = headerOf(start, places.content);
    if (!header.ok) return header.problems;
    const columns = readColumns(header.value, await this.#catalogs.fresh(caller.scope), places.content);
    return columns.ok ? [] : columns.problems;
  }
}

/** Content in parts of `CHUNK_BYTES`, the last one smaller. */
async function* chunksOf(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const part of content) {
    waiting.push(part);
    bytes += part.length;
    if (bytes < CHUNK_BYTES) continue;
    const all = Buffer.concat(waiting);
    const whole = bytes - (bytes % CHUNK_BYTES);
    for (let start = 0; start < whole; start += CHUNK_BYTES) yield all.subarray(start, start + CHUNK_BYTES);
    waiting = [all.subarray(whole)];
    bytes -= whole;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

function tooLarge(maxBytes: number, path: readonly string[]): Problem {
  const megabytes = Math.floor(maxBytes / 1024 / 1024);
  return problem("TOO_LARGE", `The content is larger than ${megabytes} MB.`, path);
}

/** As the keys of other mutations: not blank, and a text that can be stored. */
function isKey(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && key.trim() !== "" && !key.includes("\u0000") && key.isWellFormed();
}
