import type { Actor } from "@cadenza/contracts";
import type { Binary, TenantDocument } from "@cadenza/storage";

export type ImportFormat = "CSV" | "JSONL";
export type RowError = { line: number; message: string };

/** An import and how far it has come: `processed` says at which row a crashed one goes on. */
export type ImportJob = TenantDocument & {
  status: "RUNNING" | "SUCCEEDED" | "FAILED";
  format: ImportFormat;
  /** The caller's; a second import with it is this one. Absent where there is none. */
  key?: string;
  /** SHA-256 of the content, hex. */
  contentHash: string;
  chunks: number;
  actor: Actor;
  total: number | null;
  processed: number;
  succeeded: number;
  failed: number;
  /** The first `MAX_ROW_ERRORS`. */
  rowErrors: RowError[];
  startedAt: Date;
  endedAt: Date | null;
  /** The replica that works on it, until `leaseUntil` (real time). */
  leaseHolder: string | null;
  leaseUntil: Date;
  /** Failures in a row for a reason of our own. */
  attempts: number;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

/** A part of an import's content, kept until the job has ended. */
export type ImportChunk = TenantDocument & { jobId: string; data: Binary; createdAt: Date };

export const MAX_ROW_ERRORS = 1000;
export const CHUNK_BYTES = 256 * 1024;

export function chunkId(jobId: string, index: number): string {
  return `${jobId}:${index}`;
}
