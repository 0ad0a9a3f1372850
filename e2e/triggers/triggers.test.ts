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
