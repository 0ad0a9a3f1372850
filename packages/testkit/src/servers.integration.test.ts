import { connect } from "@nats-io/transport-node";
import mongoose from "mongoose";
import { expect, test } from "vitest";
import { startNats, streamPrefix, testDatabase } from "./index.ts";

test("a test has a database with transactions to itself, and it is gone afterwards", async () => {
  const first = await testDatabase("kit");
  const second = await testDatabase("kit");
  expect(first.name).not.toBe(second.name);

  const client = await mongoose.mongo.MongoClient.connect(first.url);
  await client.db(first.name).createCollection("things");
  await client.withSession((session) =>
    session.withTransaction(() => client.db(first.name).collection("things").insertOne({ a: 1 }, { session })),
  );
  expect(await client.db(first.name).collection("things").countDocuments()).toBe(1);

  await first.drop();
  await second.drop();
  const { databases } = await client.db().admin().listDatabases();
  expect(databases.map(({ name }) => name)).not.toContain(first.name);
  await client.close();
});

test("the run's nats-server has JetStream", async () => {
  const { url } = await startNats();
  const connection = await connect({ servers: url });
  const answer = await connection.request("$JS.API.INFO");
  expect(answer.json()).toMatchObject({ streams: expect.any(Number) });
  expect(streamPrefix()).not.toBe(streamPrefix());
  await connection.close();
});
