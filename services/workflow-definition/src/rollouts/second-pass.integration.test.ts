import { connectBus, createCommitter, ensureStreams } from "@cadenza/messaging";
import { createLogger, newId, realClock } from "@cadenza/platform";
import { connectDatabase, organizationScope } from "@cadenza/storage";
import { startNats, streamPrefix, TestClock, testDatabase } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { contentOf } from "../../test/builders.ts";
import { BlackoutCalendarStore } from "../blackout-calendars/store.ts";
import { OrganizationStore } from "../organizations/store.ts";
import { RevisionWriter } from "../revisions/revision-writer.ts";
import { RevisionStore } from "../revisions/store.ts";
import { WorkflowStore } from "../workflows/store.ts";
import { Rollouts } from "./rollouts.ts";
import { RolloutStore } from "./store.ts";

const log = createLogger({ service: "test", level: "fatal" });

test("SCH-5: a save that knew the old zone and came after the first pass is met by the second", async () => {
  const clock = new TestClock();
  const created = await testDatabase("rollouts");
  const database = await connectDatabase({ url: created.url, name: created.name, log });
  const bus = await connectBus({ url: (await startNats()).url, name: "test", log, namespace: streamPrefix() });
  await ensureStreams(bus, { replicas: 1 });
  const committer = createCommitter({ database, bus, clock, service: "workflow-definition", log });
  const stores = {
    workflows: new WorkflowStore(database),
    revisions: new RevisionStore(database),
    calendars: new BlackoutCalendarStore(database),
  };
  const organizations = new OrganizationStore(database);
  const writer = new RevisionWriter(stores);
  const rollouts = new Rollouts({
    ...stores,
    rollouts: new RolloutStore(database),
    organizations,
    writer,
    clock,
    realClock,
  });
  const scope = organizationScope(newId(clock.now()));
  const author = { kind: "SYSTEM" as const, id: null, label: "test" };
  const save = (id: string) => {
    const next = { content: contentOf(), organizationTimeZone: "Europe/Berlin" };
    const stamp = { author, note: null, at: clock.now() };
    return committer.commit((unit) => writer.first(scope, id, next, stamp, unit));
  };
  const [early, late] = ["A", "B"].map((end) => newId(clock.now()).slice(0, -1) + end) as [string, string];
  await save(early);
  const id = await committer.commit(async (unit) => {
    await organizations.save(scope, { version: 2, timeZone: "Asia/Tokyo" }, unit.session);
    return rollouts.begin(scope, { cause: { kind: "ORGANIZATION_TIME_ZONE" }, author, note: "n" }, unit);
  });
  const batch = () => committer.commit((unit) => rollouts.batch(scope, id, unit));
  expect([await batch(), await batch()]).toEqual(["MORE", "LATER"]);
  await save(late);
  expect([await batch(), await batch(), await batch()]).toEqual(["MORE", "DONE", "DONE"]);
  const found = await stores.workflows.findMany(scope, [early, late]);
  expect(found.map((workflow) => [workflow?.revision, workflow?.organizationTimeZone])).toEqual([
    [2, "Asia/Tokyo"],
    [2, "Asia/Tokyo"],
  ]);
  await bus.close();
  await database.close();
  await created.drop();
});
