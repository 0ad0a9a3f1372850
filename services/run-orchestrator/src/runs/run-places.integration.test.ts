import { connectDatabase, type Database, organizationScope } from "@cadenza/storage";
import { testDatabase } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { definition, EPOCH, idOf, newRun, updateLead } from "./definition-builder.ts";
import type { Run } from "./model.ts";
import { RUN_INDEXES } from "./run-indexes.ts";
import { placeOf, type RunPlace } from "./run-places.ts";
import { RunStore } from "./store.ts";

let database: Database;
let store: RunStore;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const stored = await testDatabase("places");
  database = await connectDatabase({ url: stored.url, name: stored.name });
  closing.push(
    () => database.close(),
    () => stored.drop(),
  );
  await database.ensureIndexes(RUN_INDEXES);
  store = new RunStore(database);
});
afterAll(async () => {
  for (const close of closing) await close();
});

const scope = organizationScope(idOf("organization"));
const shards = Array.from({ length: 256 }, (_, i) => i);
const DAY_MS = 86_400_000;
const inADay = new Date(EPOCH.getTime() + DAY_MS);
const workflow = definition([updateLead("tomorrow", { delay: { amount: 1, unit: "DAY" } })]);
const facts = { workflowStatus: "ACTIVE" } as const;

function moved(run: Run, input: Parameters<typeof decide>[3], now = EPOCH): Run {
  const decision = decide(run, workflow, facts, input, now);
  if (decision.kind !== "moved") throw new Error(`The run did not move: ${decision.kind}.`);
  return decision.run;
}
const insert = (run: Run) => database.transaction((session) => store.insert([run], session));
const write = (before: Run, after: Run) =>
  database.transaction((session) => store.write([{ before, after, droppedTransitions: [] }], session));
const placesOf = (run: Run): Promise<RunPlace[]> => store.places.tenant.find(scope, { _id: run._id });

test("RUN-3: a run's place has its alarm and step, follows it, and goes when the run is over", async () => {
  const run = moved(newRun("followed"), { kind: "start" });
  await insert(run);
  expect(await placesOf(run)).toEqual([placeOf(run)]);
  expect(placeOf(run)).toMatchObject({ currentStepId: idOf("tomorrow"), standing: "PENDING" });
  const paused = moved(run, { kind: "pause", actor: run.startedBy });
  await write(run, paused);
  expect(await placesOf(run)).toMatchObject([{ status: "PAUSED", wakeAt: null, currentStepId: idOf("tomorrow") }]);
  const canceled = moved(paused, { kind: "cancel", actor: run.startedBy });
  await write(paused, canceled);
  expect(await placesOf(run)).toEqual([]);
});

test("RUN-3: what is due is found by its place, and the next alarm too", async () => {
  const run = moved(newRun("due"), { kind: "start" });
  await insert(run);
  expect(await store.places.due({ shards, until: EPOCH, limit: 10 })).toEqual([]);
  const due = await store.places.due({ shards, until: run.wakeAt!, limit: 10 });
  expect(due.map(({ _id }) => _id)).toEqual([run._id]);
  expect(await store.places.nextAlarm(shards, EPOCH)).toEqual(run.wakeAt);
  expect(await store.places.nextStepAt(EPOCH)).toEqual(run.wakeAt);
  expect(await store.places.countUnsettled(EPOCH)).toBe(0);
  const claimed = moved(run, { kind: "tick" }, inADay);
  await write(run, claimed);
  expect(await store.places.nextStepAt(EPOCH)).toBeNull();
  expect(await store.places.countUnsettled(EPOCH)).toBe(1);
});

test("REL-7: runs from before places stood apart get theirs at the start", async () => {
  const run = moved(newRun("older"), { kind: "start" });
  await insert(run);
  const places = database.system<RunPlace>("runPlaces", "A test makes data as an earlier version left it.");
  await places.deleteMany({});
  await store.fillPlaces();
  expect(await placesOf(run)).toEqual([placeOf(run)]);
});

test("REL-7: a place that an earlier version did not write comes with the run's next move", async () => {
  const run = moved(newRun("written by an earlier version"), { kind: "start" });
  await insert(run);
  const places = database.system<RunPlace>("runPlaces", "A test makes data as an earlier version left it.");
  await places.deleteOne({ _id: run._id });
  const claimed = moved(run, { kind: "tick" }, inADay);
  await write(run, claimed);
  expect(await placesOf(run)).toEqual([placeOf(claimed)]);
});
