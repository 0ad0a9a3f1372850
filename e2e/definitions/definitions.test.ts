import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { createTemplate, createWorkflow, emailStep, updateStep } from "../stack/world.ts";

let stack: Stack;
let ids: Record<"group" | "empty" | "owner" | "leadStatus" | "opportunityStatus" | "template", string>;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
  const graph = stack.as("Demo");
  const made = await graph.data(
    `mutation($member: ID!) {
      group: createGroup(input: { name: "Sales", memberIds: [$member] }) { group { id } }
      empty: createGroup(input: { name: "Nobody", memberIds: [] }) { group { id } }
      owner: createCustomField(input: { object: LEAD, name: "Owner", type: USER }) { customField { id } }
      leadStatus: createLeadStatus(name: "Ripe") { leadStatus { id } }
      opportunityStatus: createOpportunityStatus(name: "Harvested", kind: WON) { opportunityStatus { id } }
    }`,
    { member: stack.user("Demo", "MEMBER").id },
  );
  ids = {
    group: made.group.group.id,
    empty: made.empty.group.id,
    owner: made.owner.customField.id,
    leadStatus: made.leadStatus.leadStatus.id,
    opportunityStatus: made.opportunityStatus.opportunityStatus.id,
    template: await createTemplate(graph),
  };
});
afterAll(() => stack.stop());

const bySales = () => ({ mode: "GROUP", groupIds: [ids.group] });
const kinds = () => [
  { email: { sender: bySales(), templateId: ids.template, sendMode: "DRAFT" } },
  { sms: { sender: bySales(), templateId: ids.template } },
  { call: { assignee: bySales(), note: "Ask", optionalAfterDays: 3 } },
  { task: { description: "Write", assignee: { mode: "CREATOR_OR_ENROLLING_USER" } } },
  { assignUser: { targetFieldId: ids.owner, action: "ASSIGN_OVERWRITE", groupIds: [ids.group] } },
  { createOpportunity: { fields: [{ field: "status", value: ids.opportunityStatus }] } },
  updateStep([{ field: "status", value: ids.leadStatus }]),
  { updateOpportunity: { target: "TRIGGERING", fields: [{ field: "confidence", value: 80 }] } },
];

const SHOWN = `steps { __typename kind
    ... on EmailStep { sender { groups { name } } template { name } sendMode }
    ... on SmsStep { sender { groups { name members { id } } } }
    ... on CallStep { assignee { groups { name } } optionalAfterDays }
    ... on AssignUserStep { target { name } groups { name } }
    ... on UpdateOpportunityStep { opportunity: target fields { field value } } }
  goals { emailReply leadStatuses { name } opportunityStatuses { name } } exclusivity { group onConflict }
  trigger { event stalledDays }`;

test("WF-2: all eight kinds and every setting are defined and shown, with the names that the CRM has for them", async () => {
  const graph = stack.as("Demo");
  const { id } = await createWorkflow(
    graph,
    {
      name: "All kinds",
      trigger: { event: "OPPORTUNITY_STALLED", stalledDays: 14 },
      goals: { emailReply: false, leadStatusIds: [ids.leadStatus], opportunityStatusIds: [ids.opportunityStatus] },
      exclusivity: { group: "Sales", onConflict: "REPLACE" },
      steps: kinds(),
    },
    { activate: false },
  );
  const { workflow } = await graph.data(`query($id: ID!) { workflow(id: $id) { ${SHOWN} } }`, { id });
  const groups = [{ name: "Sales" }];
  expect(workflow).toMatchObject({
    trigger: { event: "OPPORTUNITY_STALLED", stalledDays: 14 },
    goals: { emailReply: false, leadStatuses: [{ name: "Ripe" }], opportunityStatuses: [{ name: "Harvested" }] },
    exclusivity: { group: "Sales", onConflict: "REPLACE" },
    steps: [
      { __typename: "EmailStep", sender: { groups }, template: { name: "Intro" }, sendMode: "DRAFT" },
      { __typename: "SmsStep", sender: { groups: [{ members: [{ id: stack.user("Demo", "MEMBER").id }] }] } },
      { __typename: "CallStep", assignee: { groups }, optionalAfterDays: 3 },
      { __typename: "TaskStep" },
      { __typename: "AssignUserStep", target: { name: "Owner" }, groups },
      { __typename: "CreateOpportunityStep" },
      { __typename: "UpdateLeadStep" },
      { opportunity: "TRIGGERING", fields: [{ field: "confidence", value: 80 }] },
    ],
  });
});

test("WF-5: activation names every fault of every kind, and what this version cannot carry out", async () => {
  const graph = stack.as("Demo");
  const steps = [
    ...kinds().slice(1, 3),
    { call: { assignee: { mode: "GROUP", groupIds: [ids.empty] } } },
    { assignUser: { action: "ASSIGN_IF_EMPTY", userId: stack.user("Other").id } },
    { createOpportunity: { fields: [{ field: "status", value: ids.leadStatus }] } },
  ];
  const made = await createWorkflow(graph, { name: "Faulty", steps }, { activate: false });
  const { activateWorkflow } = await graph.data(
    `mutation($id: ID!) { activateWorkflow(id: $id) { workflow { id } problems { code stepId field } userErrors { code } } }`,
    { id: made.id },
  );
  expect(activateWorkflow).toMatchObject({ workflow: null, userErrors: [{ code: "WORKFLOW_HAS_PROBLEMS" }] });
  const position = new Map(made.steps.map(({ id }, index) => [id, index]));
  const told = activateWorkflow.problems.map(({ code, stepId, field }: any) => [position.get(stepId), code, field]);
  expect(told).toEqual([
    [0, "KIND_NOT_AVAILABLE", "sms"],
    [0, "TEMPLATE_WRONG_CHANNEL", "sms.templateId"],
    [1, "KIND_NOT_AVAILABLE", "call"],
    [2, "KIND_NOT_AVAILABLE", "call"],
    [2, "GROUP_EMPTY", "call.assignee.groupIds"],
    [3, "KIND_NOT_AVAILABLE", "assignUser"],
    [3, "TARGET_MISSING", "assignUser.targetFieldId"],
    [3, "USER_NOT_FOUND", "assignUser.userId"],
    [4, "KIND_NOT_AVAILABLE", "createOpportunity"],
    [4, "OPPORTUNITY_STATUS_NOT_FOUND", "createOpportunity.fields.0.value"],
  ]);
});

test("WF-4: of fifty editors at once who saw the same revision one saves, and the others are told", async () => {
  const graph = stack.as("Demo");
  const { id } = await createWorkflow(graph, { name: "Raced", steps: [emailStep(ids.template)] }, { activate: false });
  const save = (index: number) =>
    graph.data(
      `mutation($id: ID!, $edits: [StepEditInput!]!) { editSteps(workflowId: $id, expectedRevision: 1, edits: $edits) { workflow { revision } userErrors { code path } } }`,
      { id, edits: [{ add: { step: updateStep([{ field: "description", value: String(index) }]) } }] },
    );
  const saves = await Promise.all(Array.from({ length: 50 }, (_, index) => save(index)));
  const errors = saves.flatMap(({ editSteps }) => editSteps.userErrors);
  expect(errors).toEqual(errors.map(() => ({ code: "REVISION_CONFLICT", path: ["expectedRevision"] })));
  expect(errors).toHaveLength(49);
  const { workflow } = await graph.data(`query($id: ID!) { workflow(id: $id) { revision steps { kind } } }`, { id });
  expect(workflow).toEqual({ revision: 2, steps: [{ kind: "EMAIL" }, { kind: "UPDATE_LEAD" }] });
});

const wide = (parts: number) => ({ all: Array.from({ length: parts }, () => ({ all: [] })) });
const test_ = (path: string, op = "IS_EMPTY", value?: unknown) => ({ test: { path, op, value } });
const conditions: [string, () => object, RegExp][] = [
  ["ten thousand parts", () => wide(10_000), /^input\.trigger\.conditions/],
  ["an unknown path", () => test_("lead.colour"), /^input\.trigger\.conditions\.test\.path$/],
  ["a wrong type", () => test_("lead.createdAt", "BEFORE", "soon"), /^input\.trigger\.conditions\.test\.value$/],
  ["an unknown field", () => test_(`lead.custom.${ids.group}`), /^input\.trigger\.conditions\.test\.path$/],
];
test.each(conditions)(
  "TRG-2, API-5: conditions with %s are refused with a path, and nothing is written",
  async (_, tree, path) => {
    const graph = stack.as("Demo");
    const count = async () => (await graph.data(`{ workflows { totalCount } }`)).workflows.totalCount;
    const before = await count();
    const { createWorkflow: payload } = await graph.data(
      `mutation($input: CreateWorkflowInput!) { createWorkflow(input: $input) { workflow { id } userErrors { code path } } }`,
      {
        input: {
          name: "Bad",
          trigger: { event: "LEAD_CREATED", conditions: tree() },
          steps: [emailStep(ids.template)],
        },
      },
    );
    expect(payload.workflow).toBeNull();
    expect(payload.userErrors[0].path.join(".")).toMatch(path);
    expect(await count()).toBe(before);
  },
);
