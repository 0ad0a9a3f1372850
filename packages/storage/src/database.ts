import mongoose from "mongoose";
import { type Logger, ServiceUnavailableError } from "@cadenza/platform";
import { isDatabaseOutage } from "./database-errors.ts";
import type { Collection, Document, IndexOptions, Session } from "./driver.ts";
import { guardTenancy } from "./tenant-guard.ts";
import { TenantCollection, type TenantDocument } from "./tenant-collection.ts";
import { runTransaction } from "./transaction.ts";

/** `key` as MongoDB's; `options.name` is worth giving where a duplicate key must be told apart. */
export type IndexDefinition = { collection: string; key: Record<string, 1 | -1 | "text">; options?: IndexOptions };

/** A request must fail fast when the database is away (REL-4). */
const SERVER_SELECTION_TIMEOUT_MS = 2500;
/** With the heartbeat below, how long a server that stands still is believed in: its connections are cut then. */
const CONNECT_TIMEOUT_MS = 2000;

/**
 * Opens one service's database. Writes wait for the majority's journal.
 * @param options.maxPoolSize connections at most (default 20).
 */
export async function connectDatabase(options: {
  url: string;
  name: string;
  log?: Logger;
  maxPoolSize?: number;
}): Promise<Database> {
  const connection = await mongoose
    .createConnection(options.url, {
      dbName: options.name,
      bufferCommands: false,
      autoIndex: false,
      maxPoolSize: options.maxPoolSize ?? 20,
      serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      heartbeatFrequencyMS: 1000,
      writeConcern: { w: "majority", journal: true },
      readPreference: "primary",
      retryWrites: true,
    })
    .asPromise();
  return new Database(connection, options.log);
}

/** One service's database: tenant collections for its documents, system collections for its machinery. */
export class Database {
  readonly connection: mongoose.Connection;
  readonly #log: Logger | undefined;

  constructor(connection: mongoose.Connection, log?: Logger) {
    this.connection = connection;
    this.#log = log;
    connection.on("error", (error) => log?.warn({ err: error }, "The database connection reports an error."));
  }

  tenant<T extends TenantDocument>(name: string): TenantCollection<T> {
    return new TenantCollection(guardTenancy(this.#raw<T>(name)));
  }

  /** Not bound to one organization. @param why one sentence, for the reader: what makes that right here. */
  system<T extends Document>(name: string, why: string): Collection<T> {
    if (why.length < 10) throw new Error(`Say why "${name}" is read across organizations.`);
    return this.#raw<T>(name);
  }

  /** Creates what is missing; an index that exists with other options is an error. */
  async ensureIndexes(definitions: readonly IndexDefinition[]): Promise<void> {
    const byCollection = Map.groupBy(definitions, (definition) => definition.collection);
    await Promise.all(
      [...byCollection].map(async ([name, indexes]) => {
        await this.#raw(name).createIndexes(indexes.map(({ key, options }) => ({ key, ...options })));
      }),
    );
  }

  /**
   * One transaction: snapshot reads, majority-committed and journaled writes. `work` runs again after a write conflict, so
   * it must read what it decides on inside, and have no other effect.
   * @throws ServiceUnavailableError when the database is away.
   */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await runTransaction(this.connection.getClient(), work, this.#log);
    } catch (error) {
      if (isDatabaseOutage(error) && !(error instanceof ServiceUnavailableError))
        throw new ServiceUnavailableError("The database", { cause: error });
      throw error;
    }
  }

  /** For readiness checks. */
  async ping(): Promise<boolean> {
    await this.connection.db?.admin().ping();
    return this.connection.db !== undefined;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  #raw<T extends Document>(name: string): Collection<T> {
    const db = this.connection.db;
    if (!db) throw new ServiceUnavailableError("The database");
    return db.collection<T>(name);
  }
}
