import mongoose from "mongoose";
import { ServiceUnavailableError } from "@cadenza/platform";

const { MongoError, MongoServerError, MongoNetworkError, MongoServerSelectionError, MongoNotConnectedError } =
  mongoose.mongo;

/** Codes of the server that say "not now": shutting down, stepping down, no primary (github.com/mongodb/specifications, retryable writes). */
const OUTAGE_CODES: ReadonlySet<unknown> = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Whether a unique index refused the write; with `indexName`, whether it was that one. */
export function isDuplicateKey(error: unknown, indexName?: string): boolean {
  if (!(error instanceof MongoServerError) || error.code !== 11000) return false;
  return indexName === undefined || error.message.includes(`index: ${indexName} `);
}

/** Whether the database cannot be reached now, so that the same call may succeed later. */
export function isDatabaseOutage(error: unknown): boolean {
  if (error instanceof ServiceUnavailableError) return true;
  if (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError
  )
    return true;
  if (error instanceof mongoose.mongo.MongoTopologyClosedError) return true;
  return error instanceof MongoServerError && OUTAGE_CODES.has(error.code);
}

/** Whether the whole transaction may be tried again: a write conflict, or the loss of the primary. */
export function isTransient(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel("TransientTransactionError");
}

/** Whether a commit may or may not have happened; committing again is safe. */
export function isUnknownCommit(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel("UnknownTransactionCommitResult");
}
