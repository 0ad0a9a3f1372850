import { randomUUID } from "node:crypto";
import mongoose from "mongoose";
import { sharedServer } from "./shared-servers.ts";

/** The run's MongoDB (a replica set of one); started by the first call. `MONGO_URL` names another to use instead. */
export function startMongo(): Promise<{ url: string }> {
  return sharedServer("/mongo", "MONGO_URL");
}

export interface TestDatabase extends AsyncDisposable {
  /** Connection string of the server, without a database. */
  readonly url: string;
  /** Name of a database that no other test has. */
  readonly name: string;
  /** Deletes the database. */
  drop(): Promise<void>;
}

/** A database of its own for a test: `await using db = await testDatabase("runs")` deletes it at the end. */
export async function testDatabase(label: string): Promise<TestDatabase> {
  const { url } = await startMongo();
  // 38 characters: well under MongoDB's 63 for a database name.
  const name = `${label.replaceAll(/[^a-z0-9_]/gi, "_").slice(0, 24)}_${randomUUID().slice(0, 13)}`;
  const drop = async (): Promise<void> => {
    const client = new mongoose.mongo.MongoClient(url);
    try {
      await client.db(name).dropDatabase();
    } finally {
      await client.close();
    }
  };
  return { url, name, drop, [Symbol.asyncDispose]: drop };
}
