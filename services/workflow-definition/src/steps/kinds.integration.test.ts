import { newId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACTIVATE, CREATE, EDIT, startWorld, step, UPDATE, type World } from "../../test/world.ts";

let world: World;
let ids: Record<"group" | "field" | "template", string>;
beforeAll(async () => {
  world = await startWorld();
  const [group, field, template] = [1, 2, 3].map(() => newId(world.clock.now())) as [string, string, string];
  ids = { group, field, template };
  world.peers.catalog.groups = [{ id: group, name: "Sales", activeMembers: 2 }];
});
afterAll(() => world.stop());

/** One step of each kind with settings that are not the defaults, and what the graph shows of it. */
function kinds(): { input: object; shown: object }[] {
  const { group, field, template } = ids;
  const user = world.users.admin;
  const byGroup = { mode: "GROUP", groupIds: [group] };
  const shownGroup = { mode: "GROUP", user: null, groups: [{ id: group }], customField: null };
  const byField = { mode: "CUSTOM_FIELD", customFieldId: field };
  const shownField = { mode: "CUSTOM_FIELD", user: null, groups: [], customField: { id: field } };
  const byUser = { mode: "USER", userId: user };
  const shownUser = { mode: "USER", user: { id: user }, groups: [], customField: null };
  const fields = [
    { field: "note", value: "x" },
    { field: "description", aiEnrich: true },
    { field: "name", template: "{{ lead.name }}" },
  ];
  const shownFields = fields.map((given) => ({ value: null, template: null, aiEnrich: false, ...given }));
  return [
    {
      input: { email: { sender: byGroup, templateId: template, sendMode: "DRAFT", replyInThread: true } },
      shown: {
        kind: "EMAIL",
        sender: shownGroup,
        template: { id: template },
        sendMode: "DRAFT",
        replyInThread: true,
        ignoreSchedule: false,
      },
    },
    {
      input: { sms: { sender: byField, templateId: template, ignoreSchedule: true } },
      shown: { kind: "SMS", sender: shownField, template: { id: template }, sendMode: "SEND", ignoreSchedule: true },
    },
    {
      input: { call: { assignee: byUser, note: "Ask", optionalAfterDays: 3 } },
      shown: { kind: "CALL", assignee: shownUser, note: "Ask", optionalAfterDays: 3, ignoreSchedule: false },
    },
    {
      input: { task: { description: "Write", assignee: byUser, optional: true } },
      shown: {
        kind: "TASK",
        assignee: shownUser,
        description: "Write",
        due: { amount: 0, unit: "MINUTE" },
        optional: true,
      },
    },
    {
      input: {
        assignUser: { targetFieldId: field, action: "ASSIGN_OVERWRITE", groupIds: [group], strategy: "ROUND_ROBIN" },
      },
      shown: {
        kind: "ASSIGN_USER",
        target: { id: field },
        action: "ASSIGN_OVERWRITE",
        user: null,
        groups: [{ id: group }],
        strategy: "ROUND_ROBIN",
      },
    },
    { input: { createOpportunity: { fields } }, shown: { kind: "CREATE_OPPORTUNITY", fields: shownFields } },
    {
      input: { updateLead: { fields, overwrite: false } },
      shown: { kind: "UPDATE_LEAD", fields: shownFields, overwrite: false, addMissingChoices: false },
    },
    {
      input: { updateOpportunity: { target: "OLDEST", fields, addMissingChoices: true } },
      shown: {
        kind: "UPDATE_OPPORTUNITY",
        target: "OLDEST",
        fields: shownFields,
        overwrite: true,
        addMissingChoices: true,
      },
    },
  ];
}

const PERSON = "{ mode user { id } groups { id } customField { id } }";
const ASSIGNMENTS = "{ field value template aiEnrich }";
const STEPS = `steps { id kind name position delay { amount unit }
  ... on EmailStep { sender ${PERSON} template { id } sendMode replyInThread ignoreSchedule }
  ... on SmsStep { sender ${PERSON} template { id } sendMode ignoreSchedule }
  ... on CallStep { assignee ${PERSON} note optionalAfterDays ignoreSchedule }
  ... on TaskStep { assignee ${PERSON} description due { amount unit } optional }
  ... on AssignUserStep { target { id } action user { id } groups { id } strategy }
  ... on CreateOpportunityStep { fields ${ASSIGNMENTS} }
  ... on UpdateLeadStep { fields ${ASSIGNMENTS} overwrite addMissingChoices }
  ... on UpdateOpportunityStep { target_: target fields ${ASSIGNMENTS} overwrite addMissingChoices } }`;
const SETTINGS = `trigger { event stalledDays } exclusivity { group onConflict }
  goals { emailReply meetingBooked leadStatuses { id } opportunityStatuses { id } }`;

const read = async (id: string) =>
  (await world.ask(`query($id: ID!) { workflow(id: $id) { ${SETTINGS} ${STEPS} } }`, { id })).data["workflow"];
const withoutIds = (steps: { id: string }[]) => steps.map((shown) => ({ ...shown, id: undefined }));

test("WF-2, WF-3: all eight kinds are defined, shown and duplicated with every setting", async () => {
  const inputs = kinds().map(({ input }) => input);
  const { workflow } = await world.change(CREATE, { input: { name: "All", steps: inputs } });
  const expected = kinds().map(({ shown }, position) => {
    const { target, ...rest } = shown as { target?: unknown };
    const key = typeof target === "string" ? "target_" : "target";
    return {
      name: null,
      position,
      delay: { amount: 0, unit: "MINUTE" },
      ...rest,
      ...(target === undefined ? {} : { [key]: target }),
    };
  });
  const { steps } = await read(workflow.id);
  expect(withoutIds(steps)).toEqual(expected);
  const copy = await world.change(
    `mutation($id: ID!) { duplicateWorkflow(id: $id, name: "Copy") { workflow { id } userErrors { code } } }`,
    { id: workflow.id },
  );
  const copied = (await read(copy.workflow.id)).steps;
  expect(withoutIds(copied)).toEqual(expected);
  const known = new Set(steps.map(({ id }: { id: string }) => id));
  expect(copied.some(({ id }: { id: string }) => known.has(id))).toBe(false);
});

test("WF-3: goals, exclusivity and stalled days are shown, duplicated, compared, restored and cleared", async () => {
  const [lead, opportunity] = [newId(world.clock.now()), newId(world.clock.now())];
  world.peers.catalog.leadStatuses = [{ id: lead, name: "Qualified" }];
  world.peers.catalog.opportunityStatuses = [{ id: opportunity, name: "Won", kind: "WON" }];
  const input = {
    name: "Settings",
    trigger: { event: "OPPORTUNITY_STALLED", stalledDays: 14 },
    goals: { emailReply: false, meetingBooked: true, leadStatusIds: [lead], opportunityStatusIds: [opportunity] },
    exclusivity: { group: " Sales ", onConflict: "REPLACE" },
    steps: [step("A")],
  };
  const { workflow } = await world.change(CREATE, { input });
  const { id } = workflow;
  const { steps: _, ...settings } = await read(id);
  expect(settings).toEqual({
    trigger: { event: "OPPORTUNITY_STALLED", stalledDays: 14 },
    exclusivity: { group: "Sales", onConflict: "REPLACE" },
    goals: {
      emailReply: false,
      meetingBooked: true,
      leadStatuses: [{ id: lead }],
      opportunityStatuses: [{ id: opportunity }],
    },
  });
  const copy = await world.change(
    `mutation($id: ID!) { duplicateWorkflow(id: $id, name: "Copy") { workflow { id } userErrors { code } } }`,
    { id },
  );
  expect(await read(copy.workflow.id)).toMatchObject(settings);

  const change = { expectedRevision: 1, clear: ["exclusivity"], goals: { leadStatusIds: [] } };
  await world.change(UPDATE, { id, input: change });
  expect(await read(id)).toMatchObject({
    exclusivity: null,
    goals: { emailReply: true, meetingBooked: false, leadStatuses: [], opportunityStatuses: [] },
  });
  const { data } = await world.ask(
    `query($id: ID!) { compareRevisions(workflowId: $id, from: 1, to: 2) { kind field after } }`,
    { id },
  );
  const fields = data["compareRevisions"].map(({ kind, field }: { kind: string; field: string }) => `${kind} ${field}`);
  expect(fields.sort()).toEqual(["CHANGED exclusivity", "CHANGED goals"]);
  await world.change(
    `mutation($id: ID!) { restoreRevision(workflowId: $id, expectedRevision: 2, number: 1) { userErrors { code } } }`,
    { id },
  );
  expect(await read(id)).toMatchObject(settings);
  const [definition] = (
    await world.definitions.get({ revisions: [{ organizationId: world.organizationId, workflowId: id, revision: 3 }] })
  ).definitions;
  expect(definition).toMatchObject({
    trigger: { event: "OPPORTUNITY_STALLED", stalledDays: 14 },
    exclusivity: { group: "Sales", onConflict: "REPLACE" },
    goals: { emailReply: false, smsReply: true, leadStatusIds: [lead] },
  });
});

test("WF-5: a draft that names groups and statuses that do not exist stays readable, and activation names them", async () => {
  const gone = newId(world.clock.now());
  const input = {
    name: "Unknown",
    goals: { leadStatusIds: [gone], opportunityStatusIds: [gone] },
    steps: [
      { call: { assignee: { mode: "GROUP", groupIds: [gone, ids.group] } } },
      { assignUser: { targetFieldId: ids.field, action: "ASSIGN_IF_EMPTY", groupIds: [gone] } },
    ],
  };
  const { workflow, problems } = await world.change(CREATE, { input });
  const found = (code: string) => problems.filter((problem: { code: string }) => problem.code === code);
  expect(found("GROUP_NOT_FOUND")).toMatchObject([
    { field: "call.assignee.groupIds" },
    { field: "assignUser.groupIds" },
  ]);
  expect(found("LEAD_STATUS_NOT_FOUND")).toMatchObject([{ field: "goals.leadStatusIds" }]);
  expect(found("OPPORTUNITY_STATUS_NOT_FOUND")).toMatchObject([{ field: "goals.opportunityStatusIds" }]);
  const shown = {
    goals: { leadStatuses: [], opportunityStatuses: [] },
    steps: [{ assignee: { groups: [{ id: ids.group }] } }, { groups: [] }],
  };
  expect(await read(workflow.id)).toMatchObject(shown);
  world.peers.isAway = true;
  const away = await read(workflow.id).finally(() => {
    world.peers.isAway = false;
  });
  expect(away).toMatchObject({ goals: { leadStatuses: [{ id: gone }] } });
});

test("REL-7: a workflow and its revisions from before goals and exclusivity were known are read with the defaults", async () => {
  const { organizationId, committer } = world;
  const { workflow } = await world.change(CREATE, { input: { name: "Old", steps: [step("A")] } });
  const { id } = workflow;
  const { database } = committer;
  const unset = { $unset: { "content.goals": "", "content.exclusivity": "" } };
  await database.system("workflows", "As an earlier version wrote it.").updateOne({ _id: id }, unset);
  await database.system("revisions", "As an earlier version wrote it.").updateOne({ workflowId: id }, unset);
  expect(await read(id)).toMatchObject({ exclusivity: null, goals: { emailReply: true, meetingBooked: false } });
  const wanted = { revisions: [{ organizationId, workflowId: id, revision: 1 }] };
  const [definition] = (await world.definitions.get(wanted)).definitions;
  expect(definition).toMatchObject({ goals: { emailReply: true, leadStatusIds: [] }, exclusivity: null });
  const list = await world.ask(`{ workflows { nodes { id goals { smsReply } } } }`);
  expect(list.errors).toEqual([]);
  const renamed = await world.change(UPDATE, { id, input: { expectedRevision: 1, name: "New" } });
  expect(renamed.workflow.revision).toBe(2);
  const { data } = await world.ask(`query($id: ID!) { compareRevisions(workflowId: $id, from: 1, to: 2) { field } }`, {
    id,
  });
  expect(data["compareRevisions"]).toEqual([{ field: "name" }]);
});

test("WF-5: activation names kinds and settings that this version cannot carry out; an active workflow does not get them", async () => {
  const drafted = await world.change(CREATE, { input: { name: "Draft", steps: kinds().map(({ input }) => input) } });
  expect(drafted.userErrors).toEqual([]);
  const refused = await world.change(ACTIVATE, { id: drafted.workflow.id });
  expect(refused).toMatchObject({ workflow: null, userErrors: [{ code: "WORKFLOW_HAS_PROBLEMS" }] });
  const stepIds: string[] = drafted.workflow.steps.map(({ id }: { id: string }) => id);
  const told = (code: string) =>
    refused.problems
      .filter((problem: { code: string }) => problem.code === code)
      .map(({ stepId, field }: { stepId: string; field: string }) => [stepIds.indexOf(stepId), field]);
  expect(told("KIND_NOT_AVAILABLE")).toEqual([
    [1, "sms"],
    [2, "call"],
    [4, "assignUser"],
    [5, "createOpportunity"],
    [7, "updateOpportunity"],
  ]);
  expect(told("SETTING_NOT_AVAILABLE")).toEqual([
    [0, "email.sender.mode"],
    [0, "email.sendMode"],
    [0, "email.replyInThread"],
    [6, "updateLead.fields.1.aiEnrich"],
  ]);
  // Their other faults stand beside them.
  expect(told("TEMPLATE_MISSING")).toEqual([
    [0, "email.templateId"],
    [1, "sms.templateId"],
  ]);

  const { workflow } = await world.change(CREATE, { input: { name: "Active", steps: [step("A")] } });
  await world.change(ACTIVATE, { id: workflow.id });
  const edits = [{ add: { step: { call: { assignee: { mode: "CREATOR_OR_ENROLLING_USER" } } } } }];
  const saved = await world.change(EDIT, { id: workflow.id, revision: 1, edits });
  expect(saved).toMatchObject({
    workflow: null,
    problems: [{ code: "KIND_NOT_AVAILABLE", field: "call" }],
    userErrors: [{ code: "WORKFLOW_HAS_PROBLEMS" }],
  });
  expect((await read(workflow.id)).steps).toHaveLength(1);
});
