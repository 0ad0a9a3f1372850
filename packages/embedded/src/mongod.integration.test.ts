import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mongoose from "mongoose";
import { expect, onTestFinished, test } from "vitest";
import { findMongod, freePort, initiateReplicaSet, mongodArguments, mongodUrl } from "./index.ts";

const TOOLS = join(import.meta.dirname, "../../../.cadenza/tools");

test("OPS-1: data survives a restart on another port, and a clean stop takes less than three seconds", {
  timeout: 120_000,
}, async () => {
  const { path } = await findMongod(TOOLS);
  const dataDir = await mkdtemp(join(tmpdir(), "mongod-"));
  let child: ChildProcess | undefined;
  onTestFinished(async () => {
    if (child?.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    await rm(dataDir, { recursive: true, maxRetries: 5 });
  });
  const start = async (port: number) => {
    const args = mongodArguments({ dataDir, logFile: join(dataDir, "log"), port, cacheGiB: 1 });
    child = spawn(path, args, { stdio: "ignore" });
    await initiateReplicaSet(port);
    return mongoose.mongo.MongoClient.connect(mongodUrl(port));
  };
  const stop = async () => {
    const started = performance.now();
    child?.kill("SIGTERM");
    if (child) await once(child, "exit");
    return performance.now() - started;
  };

  const first = await start(await freePort());
  await first.db("test").collection<{ _id: string }>("things").insertOne({ _id: "kept" });
  await first.close();
  expect(await stop()).toBeLessThan(3_000);

  const second = await start(await freePort());
  expect(await second.db("test").collection<{ _id: string }>("things").findOne()).toEqual({ _id: "kept" });
  await second.close();
});

test("REL-1, PERF-9: the open transaction of a killed process keeps others from what it wrote for ten seconds at most", {
  timeout: 120_000,
}, async () => {
  const { path } = await findMongod(TOOLS);
  const dataDir = await mkdtemp(join(tmpdir(), "mongod-"));
  const port = await freePort();
  const args = mongodArguments({ dataDir, logFile: join(dataDir, "log"), port, cacheGiB: 1 });
  const child = spawn(path, args, { stdio: "ignore" });
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    await rm(dataDir, { recursive: true, maxRetries: 5 });
  });
  await initiateReplicaSet(port);
  const [killed, other] = await Promise.all([1, 2].map(() => mongoose.mongo.MongoClient.connect(mongodUrl(port))));
  const thingsOf = (client: mongoose.mongo.MongoClient) =>
    client.db("test").collection<{ _id: string; by?: string }>("things");
  await thingsOf(other!).insertOne({ _id: "wanted" });
  const session = killed!.startSession();
  session.startTransaction();
  await thingsOf(killed!).updateOne({ _id: "wanted" }, { $set: { by: "killed" } }, { session });

  const since = performance.now();
  await thingsOf(other!).updateOne({ _id: "wanted" }, { $set: { by: "other" } });
  expect(performance.now() - since).toBeLessThan(10_000);
  await Promise.all([killed!.close(), other!.close()]);
});
