import { setTimeout as wait } from "node:timers/promises";
import type mongoose from "mongoose";
import { type Logger, ServiceUnavailableError } from "@cadenza/platform";
import { isTransient, isUnknownCommit } from "./database-errors.ts";
import type { Session } from "./driver.ts";

/** Two transactions that want the same document: one of them wins, so a loser soon does. */
const MAX_ATTEMPTS = 12;
const FIRST_BACKOFF_MS = 2;
const MAX_BACKOFF_MS = 250;
const MAX_COMMIT_ATTEMPTS = 5;

const OPTIONS = {
  readConcern: { level: "snapshot" },
  writeConcern: { w: "majority", journal: true },
  readPreference: "primary",
} as const;

/** Runs `work` in a transaction, again after transient errors with back-off and jitter. */
export async function runTransaction<T>(
  client: mongoose.mongo.MongoClient,
  work: (session: Session) => Promise<T>,
  log?: Logger,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const session = client.startSession();
    try {
      session.startTransaction(OPTIONS);
      const result = await work(session);
      await commit(session);
      return result;
    } catch (error) {
      if (session.inTransaction())
        await session
          .abortTransaction()
          .catch((cause: unknown) => log?.debug({ err: cause }, "Aborting a transaction failed; the server ends it."));
      if (!isTransient(error)) throw error;
      if (attempt === MAX_ATTEMPTS)
        throw new ServiceUnavailableError("The record you are changing, being changed by others at this moment,", {
          cause: error,
        });
      log?.debug({ attempt }, "A transaction is tried again.");
    } finally {
      await session.endSession();
    }
    await wait(Math.random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt));
  }
}

async function commit(session: Session): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await session.commitTransaction();
    } catch (error) {
      if (!isUnknownCommit(error) || attempt === MAX_COMMIT_ATTEMPTS) throw error;
    }
  }
}
