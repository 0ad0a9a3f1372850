import { createLogger, newId } from "@cadenza/platform";
import { eventually, TestClock, testDatabase } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  connectDatabase,
  type Database,
  isDuplicateKey,
  organizationScope,
  ShardLeases,
  TenantGuardError,
  type TenantDocument,
} from "./index.ts";
import { guardTenancy } from "./tenant-guard.ts";

type Note = TenantDocument & { text: string; count: number };

const clock = new TestClock();
const log = createLogger({ service: "test", level: "fatal" });
const ours = organizationScope(newId(clock.now()));
const theirs = organizationScope(newId(clock.now()));
const note = (scope: { organizationId: string }, text: string): Note => ({
  _id: newId(clock.now()),
  organizationId: scope.organizationId,
  text,
  count: 0,
});
let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const created = await testDatabase("storage");
  drop = created.drop;
  database = await connectDatabase({ url: created.url, name: created.name, log });
});
afterAll(async () => {
  await database.close();
  await drop();
});

test("API-3: a tenant collection never reaches another organization's documents", async () => {
  const notes = database.tenant<Note>("notes");
  const [mine, foreign] = [note(ours, "mine"), note(theirs, "foreign")];
  await notes.insertMany(ours, [mine]);
  await notes.insertMany(theirs, [foreign]);
  expect(await notes.findByIds(ours, [foreign._id, mine._id])).toEqual([null, mine]);
  expect(await notes.updateOne(ours, { _id: foreign._id }, { $set: { text: "stolen" } })).toEqual({
    matched: 0,
    modified: 0,
  });
  expect(
    await notes.bulkWrite(ours, [
      { updateOne: { filter: { _id: foreign._id }, update: { $set: { text: "stolen" } } } },
    ]),
  ).toEqual({ matched: 0, modified: 0 });
  expect(await notes.deleteMany(ours, { organizationId: theirs.organizationId })).toBe(1);
  expect(await notes.find(theirs, {})).toEqual([foreign]);
  expect(await notes.aggregate(ours, [{ $match: {} }])).toEqual([]);
  await expect(notes.insertMany(ours, [foreign])).rejects.toThrow("another organization");
});

test("API-3: the driver's collection refuses what names no organization", async () => {
  const guarded = guardTenancy(database.system<Note>("guarded", "The guard itself is tested here."));
  for (const attempt of [
    () => guarded.find({}),
    () => guarded.updateMany({ text: "x" }, { $set: { text: "y" } }),
    () => guarded.aggregate([{ $project: { text: 1 } }]),
    () => guarded.deleteMany({ organizationId: { $ne: null } } as never),
    () => guarded.distinct("text"),
    () => guarded.drop(),
  ]) {
    expect(attempt).toThrow(TenantGuardError);
  }
});

test("RUN-4: two transactions that change one document both count, one after the other", async () => {
  const notes = database.tenant<Note>("counters");
  const counter = note(ours, "counter");
  await notes.insertMany(ours, [counter]);
  const increment = () =>
    database.transaction(async (session) => {
      const [read] = await notes.findByIds(ours, [counter._id], session);
      await notes.updateOne(ours, { _id: counter._id }, { $set: { count: read!.count + 1 } }, session);
    });
  await Promise.all(Array.from({ length: 10 }, increment));
  expect((await notes.findOne(ours, { _id: counter._id }))?.count).toBe(10);
});

test("RUN-4: a transaction that fails leaves nothing", async () => {
  const notes = database.tenant<Note>("failed");
  const failing = database.transaction(async (session) => {
    await notes.insertMany(ours, [note(ours, "half")], session);
    throw new Error("broken");
  });
  await expect(failing).rejects.toThrow("broken");
  expect(await notes.find(ours, {})).toEqual([]);
});

test("ENR-1: a duplicate key is told apart by its index", async () => {
  const notes = database.tenant<Note>("unique");
  await database.ensureIndexes([
    { collection: "unique", key: { organizationId: 1, text: 1 }, options: { name: "oneText", unique: true } },
  ]);
  await notes.insertMany(ours, [note(ours, "a")]);
  const error: unknown = await notes.insertMany(ours, [note(ours, "a")]).catch((caught: unknown) => caught);
  expect([isDuplicateKey(error), isDuplicateKey(error, "oneText"), isDuplicateKey(error, "other")]).toEqual([
    true,
    true,
    false,
  ]);
});

test("PERF-9: shards are shared fairly, and a drained or dead replica's go to the others", async () => {
  const lease = (holder: string) =>
    new ShardLeases({ database, group: "shared", shards: 64, holder, leaseMs: 900, renewMs: 150, log });
  const [a, b, c] = [lease("a"), lease("b"), lease("c")];
  await a.start();
  expect(a.owned().size).toBe(64);
  await Promise.all([b.start(), c.start()]);
  await eventually(() => {
    const sizes = [a, b, c].map((replica) => replica.owned().size);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(64);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(22);
  });
  const shared = [a, b, c].flatMap((replica) => [...replica.owned()]);
  expect(new Set(shared).size).toBe(64);

  b.abandon();
  await eventually(() => expect(a.owned().size + c.owned().size).toBe(64));
  await eventually(() => expect(b.owned().size).toBe(0));
  const taken = [...a.owned()][0]!;
  expect(await database.transaction((session) => b.verify([taken], session))).toEqual(new Set());
  expect(await database.transaction((session) => a.verify([taken], session))).toEqual(new Set([taken]));
  await a.drain();
  await eventually(() => expect(c.owned().size).toBe(64));
  await c.drain();
});
