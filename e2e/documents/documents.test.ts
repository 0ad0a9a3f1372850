import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { createTemplate, createWorkflow, emailStep, updateStep } from "../stack/world.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
});
afterAll(() => stack.stop());

const IMPORT = `mutation($yaml: String!) { importWorkflow(yaml: $yaml) {
  workflow { id status owner { email } } problems { code message stepId field } userErrors { code message path } } }`;
const exported = async (id: string, role: "ADMIN" | "VIEWER" = "ADMIN"): Promise<string> =>
  (await stack.as("Demo", role).data(`query($id: ID!) { exportWorkflow(id: $id) }`, { id })).exportWorkflow;
const FIELD = `mutation($name: String!, $type: CustomFieldType!) {
  createCustomField(input: { object: LEAD, name: $name, type: $type }) { customField { id } userErrors { message } } }`;

test("WF-8: a document goes round by names, and in another organization tells every name that is missing there", async () => {
  const graph = stack.as("Demo");
  const admin = stack.user("Demo", "ADMIN");
  const templateId = await createTemplate(graph, { name: "Intro: no #1" });
  const field = (await graph.change(FIELD, { name: 'Budget "net"', type: "NUMBER" })).customField.id;
  const people = (await graph.change(FIELD, { name: "Account owner", type: "USER" })).customField.id;
  const { leadStatuses } = await graph.data(`{ leadStatuses { id name } }`);
  const status = leadStatuses.find(({ name }: { name: string }) => name === "Qualified").id;
  const calendar = await graph.change(
    `mutation { createBlackoutCalendar(name: "Bank holidays", dates: ["2026-12-25"]) { blackoutCalendar { id } userErrors { message } } }`,
  );
  const { id } = await createWorkflow(
    graph,
    {
      name: "Document",
      trigger: {
        event: "LEAD_STATUS_CHANGED",
        conditions: {
          all: [
            { test: { path: "lead.status", op: "CHANGED_TO", value: status } },
            { test: { path: `lead.custom.${field}`, op: "GREATER_THAN", value: 5 } },
          ],
        },
      },
      schedule: { timeZone: "Europe/Berlin", ranges: [], blackoutCalendarIds: [calendar.blackoutCalendar.id] },
      goals: { leadStatusIds: [status] },
      steps: [
        { ...emailStep(templateId), name: "First" },
        updateStep([
          { field: "status", value: status },
          { field: `custom.${people}`, value: admin.id },
        ]),
      ],
    },
    { activate: false },
  );
  const yaml = await exported(id, "VIEWER");
  const back = await graph.change(IMPORT, { yaml });
  expect(back.workflow).toMatchObject({ status: "DRAFT", owner: { email: admin.email } });
  expect(back.problems.filter(({ code }: { code: string }) => code.startsWith("NAME_"))).toEqual([]);
  expect(back.workflow.id).not.toBe(id);
  expect(await exported(back.workflow.id)).toBe(yaml);

  const elsewhere = await stack.as("Other").change(IMPORT, { yaml });
  const missing = elsewhere.problems.filter(({ code }: { code: string }) => code === "NAME_NOT_FOUND");
  for (const name of ["Intro: no #1", 'Budget \\"net\\"', "Account owner", "Bank holidays", admin.email]) {
    expect(missing.filter(({ message }: { message: string }) => message.includes(name))).not.toHaveLength(0);
  }
  expect(missing.some(({ message }: { message: string }) => message.includes("Qualified"))).toBe(false);
});

test("SCH-5, SCH-8: a changed calendar and a new zone of the organization are revisions of the workflows they concern", async () => {
  const graph = stack.as("Demo");
  const calendar = await graph.change(
    `mutation { createBlackoutCalendar(name: "Shared", dates: []) { blackoutCalendar { id } userErrors { message } } }`,
  );
  const schedule = { timeZone: "UTC", ranges: [], blackoutCalendarIds: [calendar.blackoutCalendar.id] };
  const scheduled = await createWorkflow(graph, { name: "Scheduled", schedule }, { activate: false });
  const plain = await createWorkflow(graph, { name: "Plain" }, { activate: false });
  await graph.change(
    `mutation($id: ID!) { updateBlackoutCalendar(id: $id, dates: ["2026-12-31"]) { blackoutCalendar { id } userErrors { message } } }`,
    { id: calendar.blackoutCalendar.id },
  );
  await graph.change(
    `mutation { updateOrganization(input: { timeZone: "America/New_York" }) { organization { id } userErrors { message } } }`,
  );
  const newest = async (id: string) => {
    const query = `query($id: ID!) { workflow(id: $id) { revisions(first: 1) { nodes { number note author { id } } } } }`;
    return (await graph.data(query, { id })).workflow.revisions.nodes[0];
  };
  const author = { id: stack.user("Demo", "ADMIN").id };
  const rezoned = await until(
    () => newest(plain.id),
    ({ number }) => number === 2,
  );
  expect(rezoned).toEqual({ number: 2, note: "Organization's time zone changed", author });
  expect(await newest(scheduled.id)).toEqual({ number: 2, note: 'Calendar "Shared" changed', author });
});
