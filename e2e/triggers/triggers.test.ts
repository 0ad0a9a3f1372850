import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { createLead, createWorkflow, runUntil, updateStep } from "../stack/world.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
});
afterAll(() => stack.stop());

const runsOf = async (workflowId: string) =>
  (
    await stack
      .as("Demo")
      .data(
        `query($id: ID!) { workflow(id: $id) { runs { totalCount nodes { id lead { id } contact { id } startedBy { kind } } } startRefusals { nodes { reason { code } event lead { id } } } } }`,
        { id: workflowId },
      )
  ).workflow;

test("TRG-1, TRG-2: a new lead that meets the conditions starts a run, another does not", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "New big leads",
    trigger: {
      event: "LEAD_CREATED",
      conditions: {
        all: [
          { test: { path: "lead.name", op: "CONTAINS", value: "Big" } },
          { not: { test: { path: "contact.name", op: "IS_EMPTY" } } },
        ],
      },
    },
    steps: [updateStep([{ field: "description", template: "Welcomed by {{ event.kind }}" }])],
  });
  const small = await createLead(graph, { name: "Small Shop" });
  const big = await createLead(graph, { name: "Big Shop" });
  const state = await until(
    () => runsOf(workflow.id),
    ({ runs }) => runs.totalCount > 0,
    { what: "the run" },
  );
  expect(state.runs).toMatchObject({
    totalCount: 1,
    nodes: [{ lead: { id: big.leadId }, contact: { id: big.contactId }, startedBy: { kind: "EVENT" } }],
  });
  await runUntil(graph, state.runs.nodes[0].id, ({ status }) => status === "FINISHED", "the run to finish");
  const { lead } = await graph.data(`query($id: ID!) { lead(id: $id) { description } }`, { id: big.leadId });
  expect(lead.description).toBe("Welcomed by LEAD_CREATED");
  expect(
    (await graph.data(`query($id: ID!) { lead(id: $id) { runs { totalCount } } }`, { id: small.leadId })).lead.runs
      .totalCount,
  ).toBe(0);
});

test("TRG-2, TRG-3: a status change to the named status starts one run, saving the same again none", async () => {
  const graph = stack.as("Demo");
  const { leadStatuses } = await graph.data(`{ leadStatuses { id name } }`);
  const target = leadStatuses[1].id;
  const workflow = await createWorkflow(graph, {
    name: "Qualified",
    trigger: {
      event: "LEAD_STATUS_CHANGED",
      conditions: { test: { path: "event.data.status", op: "CHANGED_TO", value: target } },
    },
    steps: [updateStep([{ field: "description", value: "qualified" }])],
  });
  const lead = await createLead(graph, { name: "Changing" });
  const set = (statusId: string) =>
    graph.change(
      `mutation($id: ID!, $statusId: ID!) { updateLead(id: $id, input: { statusId: $statusId }) { lead { id } userErrors { code message } } }`,
      { id: lead.leadId, statusId },
    );
  await set(target);
  await set(target);
  const first = await until(
    () => runsOf(workflow.id),
    ({ runs }) => runs.totalCount > 0,
  );
  expect(first.runs.totalCount).toBe(1);

  // Re-entry is ONCE by default: a second change is refused, and that can be seen (TRG-5).
  await set(leadStatuses[2].id);
  await set(target);
  const second = await until(
    () => runsOf(workflow.id),
    ({ startRefusals }) => startRefusals.nodes.length > 0,
    { what: "the refusal" },
  );
  expect(second.runs.totalCount).toBe(1);
  expect(second.startRefusals.nodes[0]).toMatchObject({ event: "LEAD_STATUS_CHANGED", lead: { id: lead.leadId } });
  expect(["REENTRY_NOT_ALLOWED", "ALREADY_ENROLLED"]).toContain(second.startRefusals.nodes[0].reason.code);
});

test("ENR-6: a lead without a contact starts no run, and says so", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Anyone",
    trigger: { event: "LEAD_CREATED" },
    steps: [updateStep([{ field: "description", value: "x" }])],
  });
  await graph.change(`mutation { createLead(input: { name: "Nobody here" }) { lead { id } userErrors { code } } }`);
  const state = await until(
    () => runsOf(workflow.id),
    ({ startRefusals }) => startRefusals.nodes.length > 0,
    { what: "the refusal" },
  );
  expect(state.startRefusals.nodes[0].reason.code).toBe("NO_RECIPIENT");
});

const RECORD = `mutation($input: RecordActivityInput!) { recordActivity(input: $input) { activityId userErrors { code message } } }`;

test("TRG-1, TRG-2, TRG-3: a form that meets the conditions starts one run for its contact, however often it is recorded", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Asked for a demo",
    trigger: {
      event: "FORM_SUBMITTED",
      conditions: {
        all: [
          { test: { path: "event.data.form", op: "EQUALS", value: "demo" } },
          { test: { path: "event.data.answers.size", op: "GREATER_THAN", value: 10 } },
        ],
      },
    },
    steps: [updateStep([{ field: "description", template: "{{ event.data.answers.size }} people" }])],
  });
  const lead = await createLead(graph, { name: "Form Inc" });
  const record = (externalId: string, size: number) => {
    const data = { form: "demo", answers: { size } };
    const input = { kind: "FORM_SUBMITTED", leadId: lead.leadId, contactId: lead.contactId, externalId, data };
    return graph.change(RECORD, { input });
  };
  await record("too small", 10);
  await record("right", 11);
  await record("right", 11);
  const state = await until(
    () => runsOf(workflow.id),
    ({ runs }) => runs.totalCount > 0,
    { what: "the run" },
  );
  expect(state).toMatchObject({
    runs: { totalCount: 1, nodes: [{ contact: { id: lead.contactId } }] },
    startRefusals: { nodes: [] },
  });
  await runUntil(graph, state.runs.nodes[0].id, ({ status }) => status === "FINISHED", "the run to finish");
  const { lead: read } = await graph.data(`query($id: ID!) { lead(id: $id) { description } }`, { id: lead.leadId });
  expect(read.description).toBe("11 people");
});

test("TRG-4, TRG-5: a workflow's own change does not start it again, and that is visible", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Watches what it writes",
    trigger: { event: "LEAD_UPDATED", conditions: { test: { path: "lead.url", op: "CHANGED" } } },
    reentry: { mode: "AFTER_END" },
    steps: [updateStep([{ field: "url", value: "https://own.example" }])],
  });
  const lead = await createLead(graph, { name: "Echo" });
  await graph.change(
    `mutation($id: ID!) { updateLead(id: $id, input: { url: "https://first.example" }) { lead { id } userErrors { code } } }`,
    { id: lead.leadId },
  );
  const state = await until(
    () => runsOf(workflow.id),
    ({ startRefusals }) => startRefusals.nodes.length > 0,
    { what: "the refusal" },
  );
  expect(state.runs.totalCount).toBe(1);
  // The run may still be open when its own change is told.
  expect(["SELF_TRIGGERED", "ALREADY_ENROLLED"]).toContain(state.startRefusals.nodes[0].reason.code);
});

test("CRM-5, OPS-3: an opportunity without a change for three days starts a run at that instant, and not again", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Asleep",
    trigger: {
      event: "OPPORTUNITY_STALLED",
      stalledDays: 3,
      conditions: { test: { path: "opportunity.value", op: "GREATER_THAN", value: "1000" } },
    },
    reentry: { mode: "AFTER_END" },
    steps: [updateStep([{ field: "description", template: "Asleep for {{ event.data.stalledDays }} days" }])],
  });
  const lead = await createLead(graph, { name: "Sleepy" });
  const create = `mutation($input: CreateOpportunityInput!) { createOpportunity(input: $input) { opportunity { id createdAt } userErrors { code message } } }`;
  const deal = (amount: string) =>
    graph.change(create, { input: { leadId: lead.leadId, value: { amount, currency: "EUR" } } });
  await deal("1000.00");
  const { opportunity } = (await deal("1000.01")) as { opportunity: { createdAt: string } };
  const stallsAt = new Date(opportunity.createdAt).getTime() + 3 * 86_400_000;
  const advance = (ms: number) =>
    graph.change(`mutation($to: DateTime!) { advanceTestClock(to: $to) { testClock { now } userErrors { code } } }`, {
      to: new Date(ms).toISOString(),
    });
  await advance(stallsAt + 9 * 86_400_000);
  const { workflow: read } = await graph.data(
    `query($id: ID!) { workflow(id: $id) { runs { nodes { status startedAt lead { description } } } } }`,
    { id: workflow.id },
  );
  expect(read.runs.nodes).toMatchObject([{ status: "FINISHED", lead: { description: "Asleep for 3 days" } }]);
  const lateMs = new Date(read.runs.nodes[0].startedAt).getTime() - stallsAt;
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(60_000);
});
