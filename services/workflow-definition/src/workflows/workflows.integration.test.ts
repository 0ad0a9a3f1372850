import { afterAll, beforeAll, expect, test } from "vitest";
import { ACTIVATE, ARCHIVE, CREATE, EDIT, RESTORE, startWorld, step, UPDATE, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const create = async (input: object = {}) => {
  const payload = await world.change(CREATE, { input: { name: "Outreach", steps: [step("A"), step("B")], ...input } });
  expect(payload.userErrors).toEqual([]);
  return payload.workflow;
};
const names = (workflow: { steps: { name: string }[] }) => workflow.steps.map(({ name }) => name);

test("WF-3: a new workflow is a draft of revision 1 with the defaults of the contract", async () => {
  const workflow = await create();
  expect(workflow).toMatchObject({
    status: "DRAFT",
    revision: 1,
    owner: { id: world.users.admin },
    trigger: null,
    schedule: null,
    recipient: { mode: "EVENT_CONTACT" },
    reentry: { mode: "ONCE", minimumDaysSinceLastStart: 0 },
  });
  expect(workflow.steps[0]).toMatchObject({
    __typename: "UpdateLeadStep",
    kind: "UPDATE_LEAD",
    position: 0,
    delay: { amount: 0, unit: "MINUTE" },
    fields: [{ field: "description", value: "A", template: null }],
  });
});

test("WF-3: every save is a revision with its author, a save that changes nothing is none", async () => {
  const { id } = await create();
  const saved = await world.change(UPDATE, { id, input: { expectedRevision: 1, name: "Renamed", note: "why" } });
  expect(saved.workflow).toMatchObject({ revision: 2, name: "Renamed" });
  const same = await world.change(UPDATE, { id, input: { expectedRevision: 2, name: "Renamed" } });
  expect(same).toMatchObject({ workflow: { revision: 2 }, userErrors: [] });
  const { data } = await world.ask(
    `query($id: ID!) { workflow(id: $id) { revisions(first: 1) { nodes { number note name author { id } steps { name } } pageInfo { hasNextPage endCursor } } } }`,
    { id },
  );
  const { nodes, pageInfo } = data["workflow"].revisions;
  expect(nodes).toEqual([
    {
      number: 2,
      note: "why",
      name: "Renamed",
      author: { id: world.users.admin },
      steps: [{ name: "A" }, { name: "B" }],
    },
  ]);
  const rest = await world.ask(
    `query($id: ID!, $after: String) { workflow(id: $id) { revisions(after: $after) { nodes { number name } } } }`,
    {
      id,
      after: pageInfo.endCursor,
    },
  );
  expect(rest.data["workflow"].revisions.nodes).toEqual([{ number: 1, name: "Outreach" }]);
});

test("WF-4: a stale revision is refused and changes nothing; of two saves at once one is refused", async () => {
  const { id } = await create();
  const stale = await world.change(UPDATE, { id, input: { expectedRevision: 7, name: "No" } });
  expect(stale).toMatchObject({
    workflow: null,
    userErrors: [{ code: "REVISION_CONFLICT", path: ["input", "expectedRevision"] }],
  });
  const save = (name: string) => world.change(UPDATE, { id, input: { expectedRevision: 1, name } });
  const both = await Promise.all([save("one"), save("two")]);
  expect(both.map(({ userErrors }) => userErrors[0]?.code ?? "saved").sort()).toEqual(["REVISION_CONFLICT", "saved"]);
});

test("WF-4: one batch adds, moves, changes and removes as one revision, all or none", async () => {
  const { id, steps } = await create();
  const edits = [
    { add: { step: step("Zero"), position: 0 } },
    { move: { stepId: steps[1].id, position: 1 } },
    { update: { stepId: steps[0].id, step: { ...step("A"), name: "A changed" } } },
  ];
  const saved = await world.change(EDIT, { id, revision: 1, edits });
  expect(names(saved.workflow)).toEqual(["Zero", "B", "A changed"]);
  expect(saved.workflow.revision).toBe(2);
  const refused = await world.change(EDIT, {
    id,
    revision: 2,
    edits: [{ remove: steps[0].id }, { remove: "nonsense" }],
  });
  expect(refused.userErrors).toMatchObject([{ code: "NOT_FOUND", path: ["edits", "1", "remove"] }]);
  const { workflow } = await world.change(EDIT, { id, revision: 2, edits: [{ remove: steps[0].id }] });
  expect(names(workflow)).toEqual(["Zero", "B"]);
});

test("WF-4: a step's own mutations do what the batch does", async () => {
  const { id, steps } = await create();
  const one = (call: string) =>
    world.change(
      `mutation($id: ID!, $step: StepInput!) { ${call} { workflow { steps { name } } userErrors { code path } } }`,
      {
        id,
        step: step("New"),
      },
    );
  const added = await one(`addStep(workflowId: $id, expectedRevision: 1, step: $step, position: 1)`);
  expect(names(added.workflow)).toEqual(["A", "New", "B"]);
  const target = `workflowId: $id, stepId: "${steps[0].id}"`;
  const moved = await world.change(
    `mutation($id: ID!) { moveStep(${target}, expectedRevision: 2, position: 2) { workflow { steps { name } } userErrors { code } } }`,
    { id },
  );
  expect(names(moved.workflow)).toEqual(["New", "B", "A"]);
  const far = await world.change(
    `mutation($id: ID!) { moveStep(${target}, expectedRevision: 3, position: 3) { userErrors { code path } } }`,
    { id },
  );
  expect(far.userErrors).toEqual([{ code: "POSITION_OUT_OF_RANGE", path: ["position"] }]);
  const kind = await world.change(
    `mutation($id: ID!) { updateStep(${target}, expectedRevision: 3, step: { task: { description: "x" } }) { userErrors { code path } } }`,
    { id },
  );
  expect(kind.userErrors).toEqual([{ code: "STEP_KIND_FIXED", path: ["step"] }]);
});

test("WF-1, WF-5: activation names every fault, then works; the revision stays, archiving and back likewise", async () => {
  const { id, steps } = await create({ steps: [{ email: {} }, step("B")] });
  const refused = await world.change(ACTIVATE, { id });
  expect(refused.userErrors).toMatchObject([{ code: "WORKFLOW_HAS_PROBLEMS" }]);
  expect(refused.problems).toMatchObject([
    { code: "SENDER_MISSING", stepId: steps[0].id, field: "email.sender" },
    { code: "TEMPLATE_MISSING", stepId: steps[0].id, field: "email.templateId" },
  ]);
  await world.change(EDIT, { id, revision: 1, edits: [{ remove: steps[0].id }] });
  expect((await world.change(ACTIVATE, { id })).workflow).toMatchObject({ status: "ACTIVE", revision: 2 });
  expect((await world.change(ARCHIVE, { id })).workflow).toMatchObject({ status: "ARCHIVED", revision: 2 });
  expect((await world.change(ACTIVATE, { id })).workflow).toMatchObject({ status: "ACTIVE", revision: 2 });
});

test("WF-5: an active workflow is not saved with a fault; a draft is", async () => {
  const { id } = await create();
  await world.change(ACTIVATE, { id });
  const edits = [{ add: { step: { email: {} } } }];
  const refused = await world.change(EDIT, { id, revision: 1, edits });
  expect(refused.workflow).toBeNull();
  expect(refused.userErrors).toMatchObject([{ code: "WORKFLOW_HAS_PROBLEMS" }]);
  expect(refused.problems).toMatchObject([{ code: "SENDER_MISSING" }, { code: "TEMPLATE_MISSING" }]);
  await world.change(ARCHIVE, { id });
  const saved = await world.change(EDIT, { id, revision: 1, edits });
  expect(saved).toMatchObject({
    userErrors: [],
    workflow: { revision: 2 },
    problems: refused.problems.map(({ code }: { code: string }) => ({ code })),
  });
});

test("API-6: with crm away activation says so and changes nothing", async () => {
  const { id } = await create();
  world.peers.isAway = true;
  try {
    const { errors } = await world.ask(ACTIVATE, { id });
    expect(errors[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
  } finally {
    world.peers.isAway = false;
  }
  const { data } = await world.ask(`query($id: ID!) { workflow(id: $id) { status } }`, { id });
  expect(data["workflow"].status).toBe("DRAFT");
});

test("WF-3, EDIT-1: restoring brings steps back under their ids and leaves tombstones of the others", async () => {
  const { id, steps } = await create();
  const edited = await world.change(EDIT, {
    id,
    revision: 1,
    edits: [{ remove: steps[0].id }, { add: { step: step("C") } }],
  });
  const restored = await world.change(RESTORE, { id, revision: 2, number: 1 });
  expect(restored.workflow.revision).toBe(3);
  expect(restored.workflow.steps).toEqual(steps);
  const [definition] = (
    await world.definitions.get({ revisions: [{ organizationId: world.organizationId, workflowId: id, revision: 3 }] })
  ).definitions;
  const cId = edited.workflow.steps[1].id;
  expect(definition?.places.map(({ stepId, step: placed }) => [stepId, placed !== null])).toEqual([
    [steps[0].id, true],
    [steps[1].id, true],
    [cId, false],
  ]);
  const { data } = await world.ask(
    `query($id: ID!) { compareRevisions(workflowId: $id, from: 2, to: 3) { kind stepId after } }`,
    { id },
  );
  expect(data["compareRevisions"]).toEqual([
    { kind: "REMOVED", stepId: cId, after: null },
    { kind: "ADDED", stepId: steps[0].id, after: expect.objectContaining({ position: 0 }) },
  ]);
});

test("WF-3: a duplicate is a draft with steps of its own", async () => {
  const { id, steps } = await create({ description: "about" });
  const copy = await world.change(
    `mutation($id: ID!) { duplicateWorkflow(id: $id, name: "Copy") { workflow { name description status revision steps { id name } } userErrors { code } } }`,
    { id },
  );
  expect(copy.workflow).toMatchObject({ name: "Copy", description: "about", status: "DRAFT", revision: 1 });
  expect(names(copy.workflow)).toEqual(["A", "B"]);
  expect(copy.workflow.steps[0].id).not.toBe(steps[0].id);
});

test("WF-4: updateWorkflow clears by name, leaves what it is not given, and edits steps in the same revision", async () => {
  const { id, steps } = await create({ description: "about", trigger: { event: "LEAD_CREATED" } });
  const input = {
    expectedRevision: 1,
    clear: ["trigger"],
    recipient: "PRIMARY_CONTACT",
    edits: [{ remove: steps[0].id }],
  };
  const { workflow } = await world.change(UPDATE, { id, input });
  expect(workflow).toMatchObject({
    revision: 2,
    trigger: null,
    description: "about",
    recipient: { mode: "PRIMARY_CONTACT" },
  });
  expect(names(workflow)).toEqual(["B"]);
  const refused = await world.change(UPDATE, { id, input: { expectedRevision: 2, clear: ["name"] } });
  expect(refused.userErrors).toMatchObject([{ code: "UNKNOWN_SETTING", path: ["input", "clear", "0"] }]);
});
