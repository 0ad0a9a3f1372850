import { consume } from "@cadenza/messaging";
import type { WorkflowChanged } from "@cadenza/contracts";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACTIVATE, ARCHIVE, CREATE, EDIT, startWorld, step, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const create = async (input: object) => (await world.change(CREATE, { input })).workflow;
const schedule = { timeZone: "Europe/Berlin", ranges: [{ weekday: "MONDAY", start: "09:00", end: "17:00" }] };

test("SCH-2: a calendar's dates are in the definition, and its change is a new revision of every workflow that uses it", async () => {
  const calendar = await world.change(
    `mutation { createBlackoutCalendar(name: "Holidays", dates: ["2026-12-25"]) { blackoutCalendar { id dates } userErrors { code } } }`,
  );
  const { id } = calendar.blackoutCalendar;
  const own = { ...schedule, blackoutDates: ["2026-12-24"], blackoutCalendarIds: [id] };
  const workflow = await create({ name: "Scheduled", schedule: own, steps: [step("A")] });
  expect(workflow.schedule).toMatchObject({ blackoutDates: ["2026-12-24"], blackoutCalendars: [{ name: "Holidays" }] });
  const dates = async (revision: number) => {
    const wanted = { organizationId: world.organizationId, workflowId: workflow.id, revision };
    return (await world.definitions.get({ revisions: [wanted] })).definitions[0]?.schedule?.blackoutDates;
  };
  expect(await dates(1)).toEqual(["2026-12-24", "2026-12-25"]);
  const change = (input: string) =>
    world.change(
      `mutation($id: ID!) { updateBlackoutCalendar(id: $id, ${input}) { blackoutCalendar { name } userErrors { code } } }`,
      { id },
    );
  await change(`name: "Free days"`);
  expect(await dates(2)).toBeUndefined();
  await change(`dates: ["2026-12-31"]`);
  expect(await dates(2)).toEqual(["2026-12-24", "2026-12-31"]);
  expect(await dates(1)).toEqual(["2026-12-24", "2026-12-25"]);
  const { data } = await world.ask(`query($id: ID!) { workflow(id: $id) { revision revisions { nodes { note } } } }`, {
    id: workflow.id,
  });
  expect(data["workflow"]).toMatchObject({
    revision: 2,
    revisions: { nodes: [{ note: 'Calendar "Free days" changed' }, { note: null }] },
  });
});

test("WF-1: what the engine asks for: current revisions, definitions, active workflows with a trigger", async () => {
  const { organizationId } = world;
  const trigger = { event: "LEAD_CREATED", conditions: { test: { path: "lead.name", op: "CONTAINS", value: "Inc" } } };
  const triggered = await create({ name: "Triggered", trigger, steps: [step("A")] });
  const byHand = await create({ name: "By hand", steps: [step("A")] });
  for (const { id } of [triggered, byHand]) await world.change(ACTIVATE, { id });
  expect(await world.definitions.listTriggered({ afterWorkflowId: null, limit: 10 })).toEqual({
    workflows: [{ organizationId, workflowId: triggered.id, revision: 1 }],
  });
  expect(await world.definitions.listTriggered({ afterWorkflowId: triggered.id, limit: 10 })).toEqual({
    workflows: [],
  });
  const asked = [byHand.id, "nonsense", triggered.id, byHand.id].map((workflowId) => ({ organizationId, workflowId }));
  const { workflows } = await world.definitions.current({ workflows: asked });
  expect(workflows).toEqual([
    { workflowId: byHand.id, revision: 1, status: "ACTIVE" },
    null,
    { workflowId: triggered.id, revision: 1, status: "ACTIVE" },
    { workflowId: byHand.id, revision: 1, status: "ACTIVE" },
  ]);
  const { definitions } = await world.definitions.get({
    revisions: [{ organizationId, workflowId: triggered.id, revision: 1 }],
  });
  expect(definitions[0]).toMatchObject({
    name: "Triggered",
    organizationTimeZone: "Europe/Berlin",
    trigger,
    ownerId: world.users.admin,
    schedule: null,
  });
});

test("WF-5: what stands in the way of a workflow is told by gRPC as in the graph, for its own organization only", async () => {
  const { organizationId } = world;
  const { id, problems } = await world
    .change(CREATE, { input: { name: "Faulty", steps: [{ email: {} }] } })
    .then(({ workflow, problems }) => ({ id: workflow.id, problems }));
  const told = await world.definitions.problems({ organizationId, workflowId: id });
  expect(told.problems).toEqual(problems);
  expect(told.problems).toMatchObject([{ code: "SENDER_MISSING" }, { code: "TEMPLATE_MISSING" }]);
  const foreign = { organizationId: world.users.admin, workflowId: id };
  expect(await world.definitions.problems(foreign)).toEqual({ problems: null });
  expect(await world.definitions.problems({ organizationId, workflowId: "nonsense" })).toEqual({ problems: null });
});

test("WF-3: every revision and every change of status is told once, with its author", async () => {
  const told: WorkflowChanged[] = [];
  const consumer = await consume({
    committer: world.committer,
    durable: "test",
    kinds: ["workflowChanged"],
    handle: async (envelopes, unit) => unit.afterCommit(() => told.push(...envelopes.flatMap(({ items }) => items))),
  });
  const { id } = await create({ name: "Told", steps: [step("A")] });
  await world.change(ACTIVATE, { id });
  await world.change(ACTIVATE, { id });
  await world.change(EDIT, { id, revision: 1, edits: [{ add: { step: step("B") } }] });
  await world.change(ARCHIVE, { id });
  await eventually(() => told.filter(({ workflowId }) => workflowId === id).length >= 4);
  const own = told.filter(({ workflowId }) => workflowId === id);
  expect(own.map(({ revision, status }) => `${revision} ${status}`).sort()).toEqual([
    "1 ACTIVE",
    "1 DRAFT",
    "2 ACTIVE",
    "2 ARCHIVED",
  ]);
  expect(own.every(({ actor }) => actor.id === world.users.admin)).toBe(true);
  await consumer.stop();
});

test("API-2: a shared calendar is changed by admins", async () => {
  const { errors } = await world.ask(
    `mutation { updateBlackoutCalendar(id: "x", dates: []) { userErrors { code } } }`,
    {},
    { role: "MEMBER" },
  );
  expect(errors[0]?.extensions.code).toBe("FORBIDDEN");
});

test("API-5: a calendar does not lose its name to a blank one", async () => {
  const { errors } = await world.ask(`mutation { updateBlackoutCalendar(id: "x", name: " ") { userErrors { code } } }`);
  expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path: ["name"] });
  const blank = await world.ask(`mutation { updateBlackoutCalendar(id: "x", name: "") { userErrors { code } } }`);
  expect(blank.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path: ["name"] });
});
