import { newId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const FIELDS = `task { id status description dueAt completedAt assignees { id } completedBy { id } lead { id } run { id } } userErrors { code message path }`;
const CREATE = `mutation($input: CreateTaskInput!) { createTask(input: $input) { ${FIELDS} } }`;
const input = (changes: object = {}) => ({
  leadId: world.lead.id,
  contactId: world.contact.id,
  description: "Call back",
  assigneeIds: [world.users.bob.id],
  ...changes,
});
const create = async (changes: object = {}) => (await world.change(CREATE, { input: input(changes) })).task;
const act = (name: string, id: string, asker = {}) =>
  world.ask(`mutation($id: ID!) { ${name}(id: $id) { ${FIELDS} } }`, { id }, asker);

test("TASK-3: a task is made by hand, completed by its assignee, reopened, reassigned, rescheduled, deleted", async () => {
  const { ada, bob } = world.users;
  const task = await create();
  expect(task).toMatchObject({
    status: "OPEN",
    dueAt: "2026-01-05T09:00:00.000Z",
    assignees: [{ id: bob.id }],
    run: null,
  });
  const completed = await act("completeTask", task.id, { userId: bob.id });
  expect(completed.data["completeTask"].task).toMatchObject({
    status: "COMPLETED",
    completedBy: { id: bob.id },
    completedAt: "2026-01-05T09:00:00.000Z",
  });
  const reopened = await act("reopenTask", task.id);
  expect(reopened.data["reopenTask"].task).toMatchObject({ status: "OPEN", completedBy: null, completedAt: null });
  const one = (call: string) => world.change(`mutation { ${call} { ${FIELDS} } }`);
  expect((await one(`reassignTask(id: "${task.id}", assigneeIds: ["${ada.id}"])`)).task.assignees).toEqual([
    { id: ada.id },
  ]);
  expect((await one(`rescheduleTask(id: "${task.id}", dueAt: "2026-02-01T00:00:00Z")`)).task.dueAt).toBe(
    "2026-02-01T00:00:00.000Z",
  );
  const deleted = await world.change(`mutation { deleteTask(id: "${task.id}") { deletedId userErrors { code } } }`);
  expect(deleted).toEqual({ deletedId: task.id, userErrors: [] });
  expect((await world.ask(`{ task(id: "${task.id}") { id } }`)).data["task"]).toBeNull();
});

test("TASK-2: only an assignee or an admin completes; a viewer changes nothing", async () => {
  const task = await create();
  const code = async (asker: object) => (await act("completeTask", task.id, asker)).errors[0]?.extensions.code;
  expect(await code({ userId: world.users.ada.id })).toBe("FORBIDDEN");
  expect(await code({ userId: world.users.bob.id, role: "VIEWER" })).toBe("FORBIDDEN");
  expect(
    (await world.ask(CREATE, { input: input({ description: "" }) }, { role: "VIEWER" })).errors[0]?.extensions.code,
  ).toBe("FORBIDDEN");
  expect(await code({ userId: world.users.ada.id, role: "ADMIN" })).toBeUndefined();
});

const refused: [string, () => object, string, string[]][] = [
  ["a foreign lead", () => ({ leadId: newId(world.clock.now()) }), "NOT_FOUND", ["input", "leadId"]],
  ["a malformed lead", () => ({ leadId: "nonsense" }), "NOT_FOUND", ["input", "leadId"]],
  ["a foreign contact", () => ({ contactId: newId(world.clock.now()) }), "NOT_FOUND", ["input", "contactId"]],
  [
    "a malformed assignee",
    () => ({ assigneeIds: [world.users.ada.id, "nonsense"] }),
    "NOT_FOUND",
    ["input", "assigneeIds", "1"],
  ],
  [
    "a deactivated assignee",
    () => ({ assigneeIds: [world.users.gone.id] }),
    "USER_DEACTIVATED",
    ["input", "assigneeIds", "0"],
  ],
  ["no assignee", () => ({ assigneeIds: [] }), "ASSIGNEE_REQUIRED", ["input", "assigneeIds"]],
  [
    "an assignee twice",
    () => ({ assigneeIds: [world.users.ada.id, world.users.ada.id] }),
    "DUPLICATE",
    ["input", "assigneeIds", "1"],
  ],
];
test.each(refused)("API-5: %s is refused with its path and nothing is written", async (_, changes, code, path) => {
  const count = async () => (await world.ask(`{ tasks { totalCount } }`)).data["tasks"].totalCount;
  const before = await count();
  const payload = await world.change(CREATE, { input: input(changes()) });
  expect(payload).toMatchObject({ task: null, userErrors: [{ code, path }] });
  expect(await count()).toBe(before);
});

test("API-5: malformed values are BAD_USER_INPUT with a path", async () => {
  const bad = async (changes: object) => (await world.ask(CREATE, { input: input(changes) })).errors[0]?.extensions;
  expect(await bad({ description: " " })).toMatchObject({ code: "BAD_USER_INPUT", path: ["input", "description"] });
  expect(await bad({ dueAt: "tomorrow" })).toMatchObject({ code: "BAD_USER_INPUT", path: ["input", "dueAt"] });
});

test("API-6: with crm away a task is not made, and the caller is told so", async () => {
  world.crm.isAway = true;
  const { errors } = await world.ask(CREATE, { input: input() });
  world.crm.isAway = false;
  expect(errors[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
});

test("API: createTask with an idempotency key makes one task", async () => {
  const made = await Promise.all([1, 2, 3].map(() => create({ idempotencyKey: "once" })));
  made.push(await create({ idempotencyKey: "once" }));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  const other = await world.change(CREATE, { input: input({ idempotencyKey: "once", description: "Other" }) });
  expect(other.userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
});

test("API: tasks are listed newest first, filtered, in pages, and on their lead", async () => {
  const leadId = newId(world.clock.now());
  world.crm.leads.set(leadId, { ...world.lead, id: leadId });
  const make = async (dueAt: string, assigneeId: string) => {
    world.clock.advance(1);
    return (await create({ leadId, contactId: null, dueAt, assigneeIds: [assigneeId] })).id;
  };
  const { ada, bob } = world.users;
  const [one, two, three] = [
    await make("2026-01-10T00:00:00Z", ada.id),
    await make("2026-01-20T00:00:00Z", bob.id),
    await make("2026-01-30T00:00:00Z", ada.id),
  ];
  await act("completeTask", one, { userId: ada.id });
  const onLead = async (args: string) => {
    const { data } = await world.ask(
      `query($r: [_Any!]!) { _entities(representations: $r) { ... on Lead { tasks(${args}) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } } }`,
      { r: [{ __typename: "Lead", id: leadId }] },
    );
    return data["_entities"][0].tasks;
  };
  const ids = async (filter: string) =>
    (await onLead(`filter: { ${filter} }`)).nodes.map(({ id }: { id: string }) => id);
  const page = await onLead("first: 2");
  expect(page).toMatchObject({ totalCount: 3, nodes: [{ id: three }, { id: two }], pageInfo: { hasNextPage: true } });
  expect((await onLead(`after: "${page.pageInfo.endCursor}"`)).nodes).toEqual([{ id: one }]);
  expect(await ids(`status: [OPEN]`)).toEqual([three, two]);
  expect(await ids(`assigneeIds: ["${ada.id}"]`)).toEqual([three, one]);
  expect(await ids(`dueAfter: "2026-01-10T00:00:00Z", dueBefore: "2026-01-30T00:00:00Z"`)).toEqual([two]);
  expect(await ids(`leadIds: ["${world.lead.id}"]`)).toEqual([]);
  expect(await ids(`kind: TASK, contactIds: ["${world.contact.id}"]`)).toEqual([]);
});

test("API-3: another organization's task does not exist, on every way", async () => {
  const task = await create();
  const other = { organizationId: newId(world.clock.now()), role: "ADMIN" as const };
  const representations = [
    { __typename: "Task", id: task.id },
    { __typename: "Lead", id: world.lead.id },
  ];
  const read = await world.ask(
    `query($id: ID!, $r: [_Any!]!) { task(id: $id) { id } tasks { totalCount } _entities(representations: $r) { ... on Task { status } ... on Lead { tasks { totalCount } } } }`,
    { id: task.id, r: representations },
    other,
  );
  expect(read.data).toEqual({ task: null, tasks: { totalCount: 0 }, _entities: [null, { tasks: { totalCount: 0 } }] });
  for (const name of ["completeTask", "reopenTask"]) {
    const { data } = await act(name, task.id, other);
    expect(data[name]).toMatchObject({ task: null, userErrors: [{ code: "NOT_FOUND", path: ["id"] }] });
  }
  expect((await fetch(world.url, { method: "POST", body: "{}" })).status).toBe(401);
});
