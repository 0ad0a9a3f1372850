import type { Graph } from "./graph.ts";

const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"] as const;

const TEMPLATE = {
  channel: "EMAIL",
  name: "Intro",
  subject: "{{ lead.name }} and {{ organization.name }}",
  body: [
    '<p>Hello {{ contact.firstName | default: "there" }},</p>',
    "<p>we help teams like yours at {{ lead.name }} to answer every customer within a day. Shall we talk this week?</p>",
    "<p>{{ sender.name }}</p>",
  ].join("\n"),
};

async function introTemplate(graph: Graph): Promise<string> {
  const { templates } = await graph.query<{ templates: { nodes: { id: string; name: string }[] } }>(
    "query ($name: String!) { templates(channel: EMAIL, search: $name) { nodes { id name } } }",
    { name: TEMPLATE.name },
  );
  const found = templates.nodes.find(({ name }) => name === TEMPLATE.name);
  if (found) return found.id;
  const { template } = await graph.change<{ template: { id: string } }>(
    "mutation ($input: TemplateInput!) { createTemplate(input: $input) { template { id } userErrors { code message } } }",
    { input: TEMPLATE },
  );
  return template.id;
}

/** The workflow "Welcome": an email, a task a day later, and the lead's status once the task is done. */
export async function seedWorkflow(graph: Graph, timeZone: string): Promise<void> {
  const { workflows, leadStatuses } = await graph.query<{
    workflows: { nodes: { id: string; name: string; status: string }[] };
    leadStatuses: { id: string; name: string }[];
  }>(`{ workflows(search: "Welcome") { nodes { id name status } } leadStatuses { id name } }`);
  const found = workflows.nodes.find(({ name }) => name === "Welcome");
  const id = found?.id ?? (await createWelcome(graph, timeZone, leadStatuses));
  if (found && found.status !== "DRAFT") return;
  await graph.change(
    `mutation ($id: ID!) {
      activateWorkflow(id: $id) { workflow { id } problems { message } userErrors { code message } }
    }`,
    { id },
  );
}

async function createWelcome(
  graph: Graph,
  timeZone: string,
  statuses: readonly { id: string; name: string }[],
): Promise<string> {
  const qualified = statuses.find(({ name }) => name === "Qualified")?.id;
  const sender = { mode: "CREATOR_OR_ENROLLING_USER" };
  const input = {
    name: "Welcome",
    description: "A first email, a call the day after, and the lead is qualified.",
    schedule: { timeZone, ranges: WEEKDAYS.map((weekday) => ({ weekday, start: "09:00", end: "17:00" })) },
    steps: [
      { name: "Intro", email: { sender, templateId: await introTemplate(graph) } },
      {
        name: "Call",
        delay: { amount: 1, unit: "DAY" },
        task: { description: "Call {{ contact.name }} at {{ lead.name }}", assignee: sender },
      },
      { name: "Qualify", updateLead: { fields: [{ field: "statusId", value: qualified }] } },
    ],
    idempotencyKey: "seed-welcome",
  };
  const { workflow } = await graph.change<{ workflow: { id: string } }>(
    `mutation ($input: CreateWorkflowInput!) {
      createWorkflow(input: $input) { workflow { id } userErrors { code message } }
    }`,
    { input },
  );
  return workflow.id;
}
