import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ACTIVATE,
  ARCHIVE,
  type Asker,
  CREATE,
  RESTORE,
  startWorld,
  step,
  UPDATE,
  type World,
} from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const create = async () => {
  const payload = await world.change(CREATE, { input: { name: "Outreach", steps: [step("A"), step("B")] } });
  expect(payload.userErrors).toEqual([]);
  return payload.workflow;
};

test("API-2: viewers change nothing, members only their own, and leave is checked before values", async () => {
  const { id } = await create();
  const member = { role: "MEMBER", userId: world.users.member } as const;
  const code = async (query: string, variables: object, asker: object) =>
    (await world.ask(query, variables, asker)).errors[0]?.extensions.code;
  expect(await code(UPDATE, { id, input: { expectedRevision: 99, name: "" } }, member)).toBe("FORBIDDEN");
  expect(await code(ACTIVATE, { id }, { role: "VIEWER" })).toBe("FORBIDDEN");
  expect(await code(CREATE, { input: { name: "" } }, { role: "VIEWER" })).toBe("FORBIDDEN");
  expect(await code(CREATE, { input: { name: "x", ownerId: world.users.admin } }, member)).toBe("FORBIDDEN");
  const own = await world.change(CREATE, { input: { name: "Own" } }, member);
  expect(own.workflow.owner.id).toBe(world.users.member);
  const renamed = await world.change(
    UPDATE,
    { id: own.workflow.id, input: { expectedRevision: 1, name: "Mine" } },
    member,
  );
  expect(renamed.workflow.name).toBe("Mine");
});

test("API-2: a workflow is handed over by its owner or an admin, to an active user, and is the new owner's then", async () => {
  const member = { role: "MEMBER", userId: world.users.member } as const;
  const own = (await world.change(CREATE, { input: { name: "Own", steps: [step("A")] } }, member)).workflow;
  const handOver = (expectedRevision: number, ownerId: string, asker: Asker, id: string = own.id) =>
    world.ask(UPDATE, { id, input: { expectedRevision, ownerId } }, asker);
  const refused = async (ownerId: string) => (await handOver(1, ownerId, member)).data["updateWorkflow"].userErrors[0];
  expect(await refused(world.users.deactivated)).toMatchObject({
    code: "USER_DEACTIVATED",
    path: ["input", "ownerId"],
  });
  for (const unknown of ["nonsense", ""])
    expect(await refused(unknown)).toMatchObject({ code: "USER_NOT_FOUND", path: ["input", "ownerId"] });
  const others = await create();
  expect((await handOver(1, world.users.member, member, others.id)).errors[0]?.extensions.code).toBe("FORBIDDEN");

  const handed = await handOver(1, world.users.admin, member);
  expect(handed.data["updateWorkflow"].workflow).toMatchObject({ revision: 2, owner: { id: world.users.admin } });
  expect((await handOver(2, world.users.member, member)).errors[0]?.extensions.code).toBe("FORBIDDEN");
  expect((await world.ask(ACTIVATE, { id: own.id }, member)).errors[0]?.extensions.code).toBe("FORBIDDEN");
  // Restoring what it was does not give it back.
  const restored = await world.change(RESTORE, { id: own.id, revision: 2, number: 1 });
  expect(restored).toMatchObject({ userErrors: [], workflow: { owner: { id: world.users.admin } } });
});

test("WF-7: an owner is an active user; an API key names one", async () => {
  const withOwner = (ownerId: string | null, apiKey = false) =>
    world.change(CREATE, { input: { name: "x", ownerId } }, { apiKey });
  expect((await withOwner(world.users.deactivated)).userErrors).toMatchObject([
    { code: "USER_DEACTIVATED", path: ["input", "ownerId"] },
  ]);
  expect((await withOwner("nonsense")).userErrors).toMatchObject([{ code: "USER_NOT_FOUND" }]);
  expect((await withOwner(null, true)).userErrors).toMatchObject([
    { code: "OWNER_REQUIRED", path: ["input", "ownerId"] },
  ]);
  expect((await withOwner(world.users.member, true)).workflow.owner.id).toBe(world.users.member);
});

test("API-3: another organization's workflow does not exist, on every way", async () => {
  const { id } = await create();
  const organizationId = world.users.admin;
  const other = { organizationId };
  const read = await world.ask(
    `query($id: ID!, $r: [_Any!]!) { workflow(id: $id) { id } workflows { totalCount } _entities(representations: $r) { __typename } }`,
    { id, r: [{ __typename: "Workflow", id }] },
    other,
  );
  expect(read.data).toEqual({ workflow: null, workflows: { totalCount: 0 }, _entities: [null] });
  expect((await world.change(ARCHIVE, { id }, other)).userErrors).toMatchObject([{ code: "NOT_FOUND", path: ["id"] }]);
  const foreign = { organizationId, workflowId: id };
  expect(await world.definitions.current({ workflows: [foreign] })).toEqual({ workflows: [null] });
  expect(await world.definitions.get({ revisions: [{ ...foreign, revision: 1 }] })).toEqual({ definitions: [null] });
  expect((await fetch(world.url, { method: "POST", body: "{}" })).status).toBe(401);
});

const refusedInputs: [string, object, string[]][] = [
  ["two kinds in one step", { steps: [{ ...step("x"), task: { description: "x" } }] }, ["input", "steps", "0"]],
  ["no kind in a step", { steps: [{ name: "nothing" }] }, ["input", "steps", "0"]],
  [
    "a delay of 366 days",
    { steps: [{ ...step("x"), delay: { amount: 366, unit: "DAY" } }] },
    ["input", "steps", "0", "delay", "amount"],
  ],
  [
    "a delay of 8,761 hours",
    { steps: [{ ...step("x"), delay: { amount: 8761, unit: "HOUR" } }] },
    ["input", "steps", "0", "delay", "amount"],
  ],
  [
    "a negative delay",
    { steps: [{ ...step("x"), delay: { amount: -1, unit: "MINUTE" } }] },
    ["input", "steps", "0", "delay", "amount"],
  ],
  [
    "a value and a template",
    { steps: [{ updateLead: { fields: [{ field: "url", value: "x", template: "x" }] } }] },
    ["input", "steps", "0", "updateLead", "fields", "0"],
  ],
  [
    "two operators in a condition",
    {
      trigger: {
        event: "LEAD_CREATED",
        conditions: { all: [{ not: { test: { path: "lead.name", op: "IS_EMPTY" } }, any: [] }] },
      },
    },
    ["input", "trigger", "conditions", "all", "0"],
  ],
  [
    "an unknown calendar",
    { schedule: { timeZone: "Europe/Berlin", ranges: [], blackoutCalendarIds: ["nonsense"] } },
    ["input", "schedule", "blackoutCalendarIds", "0"],
  ],
  ["101 steps", { steps: Array.from({ length: 101 }, () => step("x")) }, ["input", "steps", "100"]],
];
test.each(refusedInputs)("API-5: %s is refused with its path and nothing is written", async (_, input, path) => {
  const count = async () => (await world.ask(`{ workflows { totalCount } }`)).data["workflows"].totalCount;
  const before = await count();
  const payload = await world.change(CREATE, { input: { name: "Bad", ...input } });
  expect(payload.workflow).toBeNull();
  expect(payload.userErrors[0].path).toEqual(path);
  expect(await count()).toBe(before);
});

test("API-5: malformed values are BAD_USER_INPUT with a path", async () => {
  const bad = async (input: object) =>
    (await world.ask(CREATE, { input: { name: "x", ...input } })).errors[0]?.extensions;
  const schedule = { timeZone: "Europe/Berlin", ranges: [{ weekday: "MONDAY", start: "25:00", end: "09:00" }] };
  expect(await bad({ name: "x".repeat(201) })).toMatchObject({ code: "BAD_USER_INPUT", path: ["input", "name"] });
  expect(await bad({ name: "  " })).toMatchObject({ code: "BAD_USER_INPUT", path: ["input", "name"] });
  expect(await bad({ schedule })).toMatchObject({
    code: "BAD_USER_INPUT",
    path: ["input", "schedule", "ranges", "0", "start"],
  });
  const email = (templateId: string) => bad({ steps: [{ email: { templateId } }] });
  const path = ["input", "steps", "0", "email", "templateId"];
  expect(await email("x".repeat(101))).toMatchObject({ code: "BAD_USER_INPUT", path });
  expect(await email("\u0000")).toMatchObject({ code: "BAD_USER_INPUT", path });
  const assignee = { mode: "USER", userId: "x".repeat(100_000) };
  expect(await bad({ steps: [{ task: { description: "x", assignee } }] })).toMatchObject({
    code: "BAD_USER_INPUT",
    path: ["input", "steps", "0", "task", "assignee", "userId"],
  });
  expect((await world.ask(`{ workflows(first: 201) { totalCount } }`)).errors[0]?.extensions.code).toBe(
    "BAD_USER_INPUT",
  );
});

test("API: createWorkflow with an idempotency key makes one workflow", async () => {
  const input = { name: "Once", idempotencyKey: "once" };
  const made = await Promise.all([1, 2, 3].map(() => world.change(CREATE, { input })));
  made.push(await world.change(CREATE, { input }));
  expect(new Set(made.map(({ workflow }) => workflow.id)).size).toBe(1);
  const other = await world.change(CREATE, { input: { ...input, name: "Twice" } });
  expect(other).toMatchObject({ workflow: null, userErrors: [{ code: "IDEMPOTENCY_KEY_REUSED" }] });
});

test("API: the list is by last change, newest first, searched by the name's beginning, in pages", async () => {
  const asker = { organizationId: world.users.member };
  const make = async (name: string) => {
    world.clock.advance(1000);
    return (await world.change(CREATE, { input: { name } }, asker)).workflow.id;
  };
  const first = await make("Beta one");
  await make("beta Two");
  await make("Gamma (3)");
  world.clock.advance(1000);
  await world.change(UPDATE, { id: first, input: { expectedRevision: 1, description: "changed" } }, asker);
  const list = async (args: string) =>
    (await world.ask(`{ workflows(${args}) { nodes { name } totalCount pageInfo { endCursor } } }`, {}, asker)).data[
      "workflows"
    ];
  const page = await list(`first: 2`);
  expect(page).toMatchObject({ nodes: [{ name: "Beta one" }, { name: "Gamma (3)" }], totalCount: 3 });
  expect((await list(`after: "${page.pageInfo.endCursor}"`)).nodes).toEqual([{ name: "beta Two" }]);
  expect((await list(`search: "BETA"`)).nodes).toHaveLength(2);
  expect((await list(`search: "gamma (", status: [DRAFT]`)).nodes).toHaveLength(1);
  expect((await list(`status: [ACTIVE]`)).totalCount).toBe(0);
});
