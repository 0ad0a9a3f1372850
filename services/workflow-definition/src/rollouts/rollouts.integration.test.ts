import type { WorkflowChanged } from "@cadenza/contracts";
import { consume } from "@cadenza/messaging";
import { newId } from "@cadenza/platform";
import { organizationScope } from "@cadenza/storage";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentOf } from "../../test/builders.ts";
import { CREATE, startWorld, step, UPDATE, type World } from "../../test/world.ts";
import { type Revision, revisionId, type Workflow } from "../workflows/model.ts";
import type { Rollout } from "./model.ts";

const CREATE_CALENDAR = `mutation($name: String!, $dates: [Date!]!) { createBlackoutCalendar(name: $name, dates: $dates) {
  blackoutCalendar { id name dates } userErrors { code path } } }`;
const UPDATE_CALENDAR = `mutation($id: ID!, $name: String, $dates: [Date!]) { updateBlackoutCalendar(id: $id, name: $name, dates: $dates) {
  blackoutCalendar { id name dates } userErrors { code path } } }`;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const scope = () => organizationScope(world.organizationId);
const workflows = () => world.committer.database.tenant<Workflow>("workflows");
const revisions = () => world.committer.database.tenant<Revision>("revisions");
const rollouts = () => world.committer.database.tenant<Rollout>("rollouts");

async function calendar(name: string, dates: string[]): Promise<string> {
  const { blackoutCalendar, userErrors } = await world.change(CREATE_CALENDAR, { name, dates });
  expect(userErrors).toEqual([]);
  return blackoutCalendar.id;
}

/** Workflows as a save would have left them, without asking for each. */
async function insertUsing(calendarId: string, dates: string[], count: number): Promise<string[]> {
  const at = world.clock.now();
  const ranges = [{ weekday: "MONDAY" as const, start: "09:00", end: "17:00" }];
  const schedule = { zoneMode: "WORKFLOW" as const, timeZone: "UTC", ranges, blackoutDates: ["2026-01-01"] };
  const content = contentOf({ schedule: { ...schedule, blackoutCalendarIds: [calendarId] } });
  const { organizationId } = world;
  const made = Array.from({ length: count }, (): Workflow => {
    const stamps = { createdAt: at, updatedAt: at, version: 1, status: "ACTIVE" as const, revision: 1 };
    const kept = { organizationTimeZone: "UTC", nameKey: "outreach", hasTrigger: false };
    return { _id: newId(at), organizationId, ...stamps, content, ...kept };
  });
  const firsts = made.map(({ _id }): Revision => {
    const author = { kind: "SYSTEM" as const, id: null, label: "test" };
    const own = { workflowId: _id, number: 1, author, note: null, createdAt: at, content };
    const blackoutDates = ["2026-01-01", ...dates].sort();
    return { _id: revisionId(_id, 1), organizationId, ...own, organizationTimeZone: "UTC", blackoutDates };
  });
  await workflows().insertMany(scope(), made);
  await revisions().insertMany(scope(), firsts);
  return made.map(({ _id }) => _id);
}

test("SCH-8: a calendar's change is one new revision of each of 2,000 workflows when it has answered, told once each", async () => {
  const id = await calendar("Two thousand", ["2026-12-25"]);
  const ids = await insertUsing(id, ["2026-12-25"], 2000);
  const told: WorkflowChanged[] = [];
  const listening = await consume({
    committer: world.committer,
    durable: "test-rollout",
    kinds: ["workflowChanged"],
    handle: async (envelopes, unit) => unit.afterCommit(() => told.push(...envelopes.flatMap(({ items }) => items))),
  });
  const dates = ["2026-12-31", "2026-12-24", "2026-12-24"];
  const changed = await world.change(UPDATE_CALENDAR, { id, dates });
  expect(changed).toMatchObject({ blackoutCalendar: { dates: ["2026-12-24", "2026-12-31"] }, userErrors: [] });

  const now = await workflows().find(scope(), { _id: { $in: ids } });
  expect(now.every(({ revision, version }) => revision === 2 && version === 2)).toBe(true);
  const made = await revisions().find(scope(), { workflowId: { $in: ids }, number: { $gt: 1 } });
  expect(made).toHaveLength(2000);
  expect(new Set(made.map(({ blackoutDates, note }) => `${blackoutDates.join()} ${note}`))).toEqual(
    new Set(['2026-01-01,2026-12-24,2026-12-31 Calendar "Two thousand" changed']),
  );
  expect(await rollouts().count(scope(), {})).toBe(0);
  await eventually(() => {
    const mine = told.filter(({ workflowId, revision }) => revision === 2 && ids.includes(workflowId));
    expect(mine).toHaveLength(2000);
  });
  await listening.stop();
  const again = await world.change(UPDATE_CALENDAR, { id, dates });
  expect(again.blackoutCalendar.dates).toEqual(["2026-12-24", "2026-12-31"]);
  expect(await revisions().count(scope(), { workflowId: { $in: ids }, number: 3 })).toBe(0);
}, 60_000);

test("SCH-8: what a process that died has begun another ends, and nobody gets it twice", async () => {
  const id = await calendar("Left behind", ["2026-12-25"]);
  const ids = await insertUsing(id, ["2026-12-25"], 300);
  const at = world.clock.now();
  const half = ids.toSorted()[149]!;
  const calendars = world.committer.database.tenant<{ _id: string; organizationId: string; dates: string[] }>(
    "blackoutCalendars",
  );
  await calendars.updateOne(scope(), { _id: id }, { $set: { dates: ["2026-12-26"] } });
  // The first half had it already, but the note of it went with the process.
  await workflows().updateMany(scope(), { _id: { $in: ids, $lte: half } }, { $set: { revision: 2, version: 2 } });
  const content = contentOf();
  await revisions().insertMany(
    scope(),
    ids
      .filter((each) => each <= half)
      .map((workflowId) => {
        const author = { kind: "SYSTEM" as const, id: null, label: "test" };
        const own = { workflowId, number: 2, author, note: null, createdAt: at, content, organizationTimeZone: "UTC" };
        const dates = ["2026-01-01", "2026-12-26"];
        return { _id: revisionId(workflowId, 2), organizationId: world.organizationId, ...own, blackoutDates: dates };
      }),
  );
  await rollouts().insertMany(scope(), [
    {
      _id: newId(at),
      organizationId: world.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      cause: { kind: "CALENDAR", calendarId: id },
      author: { kind: "USER", id: world.users.admin, label: "Ada" },
      note: "Calendar changed",
      afterId: null,
      passesLeft: 0,
      leaseUntil: new Date(0),
    },
  ]);
  await eventually(async () => expect(await rollouts().count(scope(), {})).toBe(0));
  const found = await workflows().find(scope(), { _id: { $in: ids } });
  expect(new Set(found.map(({ revision }) => revision))).toEqual(new Set([2]));
  const made = await revisions().find(scope(), { workflowId: { $in: ids }, number: 2 });
  expect(new Set(made.map(({ blackoutDates }) => blackoutDates.join()))).toEqual(new Set(["2026-01-01,2026-12-26"]));
});

test("SCH-8: saves and calendar changes in the same moment: every workflow ends with the dates of the last", async () => {
  const id = await calendar("Busy", ["2026-12-25"]);
  const ids = await insertUsing(id, ["2026-12-25"], 60);
  const save = async (workflowId: string, index: number): Promise<void> => {
    const present = await workflows().findOne(scope(), { _id: workflowId });
    const input = { expectedRevision: present!.revision, description: `Saved ${index}` };
    const { userErrors } = await world.change(UPDATE, { id: workflowId, input });
    if (userErrors.length > 0 && userErrors[0].code === "REVISION_CONFLICT") await save(workflowId, index);
  };
  await workflows().updateMany(scope(), { _id: { $in: ids } }, { $set: { status: "DRAFT" } });
  const days = ["2026-11-01", "2026-11-02", "2026-11-03"];
  const change = (day: string) => world.change(UPDATE_CALENDAR, { id, dates: [day] });
  const changes = days.reduce<Promise<unknown>>((before, day) => before.then(() => change(day)), Promise.resolve());
  await Promise.all([changes, ...ids.slice(0, 12).map(save)]);
  await eventually(async () => expect(await rollouts().count(scope(), {})).toBe(0));
  const now = await workflows().find(scope(), { _id: { $in: ids } });
  const newest = await revisions().find(scope(), {
    _id: { $in: now.map(({ _id, revision }) => revisionId(_id, revision)) },
  });
  expect(newest).toHaveLength(60);
  expect(new Set(newest.map(({ blackoutDates }) => blackoutDates.join()))).toEqual(new Set(["2026-01-01,2026-11-03"]));
  const all = await revisions().find(scope(), { workflowId: { $in: ids } });
  expect(all).toHaveLength(now.reduce((sum, { revision }) => sum + revision, 0));
  const saved = now.filter(({ content }) => content.description?.startsWith("Saved"));
  expect(saved).toHaveLength(12);
}, 60_000);

test("SCH-5: an organization's new zone reaches its workflows without a schedule, an older one comes too late", async () => {
  const payload = await world.change(CREATE, { input: { name: "Plain", steps: [step("A")] } });
  const schedule = { timeZone: "Asia/Tokyo", ranges: [] };
  const scheduled = await world.change(CREATE, { input: { name: "Scheduled", schedule, steps: [step("A")] } });
  const tell = (version: number, timeZone: string) =>
    world.committer.commit(async (unit) => {
      const at = world.clock.now();
      const actor = { kind: "USER" as const, id: world.users.admin, label: "Ada" };
      const item = { key: newId(at), version, timeZone, actor, at };
      unit.tell({ kind: "organizationChanged", organizationId: world.organizationId, items: [item] });
    });
  const definitionOf = async (workflowId: string) => {
    const found = await workflows().findOne(scope(), { _id: workflowId });
    const revision = { organizationId: world.organizationId, workflowId, revision: found!.revision };
    return { found: found!, definition: (await world.definitions.get({ revisions: [revision] })).definitions[0]! };
  };
  await tell(7, "America/New_York");
  // crm answered this one with the old zone, and it is saved while the new one is on its way.
  const late = await world.change(CREATE, { input: { name: "Late", steps: [step("A")] } });
  await tell(6, "Asia/Kathmandu");
  await eventually(async () => {
    for (const { workflow } of [payload, late]) {
      const { definition } = await definitionOf(workflow.id);
      expect(definition.organizationTimeZone).toBe("America/New_York");
    }
  });
  const { found, definition } = await definitionOf(payload.workflow.id);
  expect([found.revision, definition.revision]).toEqual([2, 2]);
  const revision = await revisions().findOne(scope(), { _id: revisionId(found._id, 2) });
  expect(revision).toMatchObject({ note: "Organization's time zone changed", author: { id: world.users.admin } });
  await eventually(async () => expect(await rollouts().count(scope(), {})).toBe(0));
  const other = await definitionOf(scheduled.workflow.id);
  expect(other.found).toMatchObject({ revision: 1, organizationTimeZone: "America/New_York" });
  const input = { expectedRevision: 1, clear: ["schedule"] };
  await world.change(UPDATE, { id: scheduled.workflow.id, input });
  expect((await definitionOf(scheduled.workflow.id)).definition.organizationTimeZone).toBe("America/New_York");
});
