import type { GraphClient } from "./graph-client.ts";
import type { Stack } from "./stack.ts";
import { until } from "./until.ts";

/** What a scenario acts on: made through the graph, as a customer would make it. */

export async function connectMailbox(
  stack: Stack,
  organization = "Demo",
  smtp: { host: string; port: number } = stack.dev.smtp,
  role: "ADMIN" | "MEMBER" = "ADMIN",
): Promise<string> {
  const user = stack.user(organization, role);
  const payload = await stack
    .as(organization)
    .change(
      `mutation($input: ConnectEmailAccountInput!) { connectEmailAccount(input: $input) { emailAccount { id status } userErrors { code message path } } }`,
      {
        input: {
          ownerId: user.id,
          address: `${smtp.port}.${user.email}`,
          displayName: "Ada Demo",
          smtp: { ...smtp, security: "NONE" },
          default: true,
          limits: { perHour: null, per24Hours: null, minimumGapSeconds: 0 },
        },
      },
    );
  return payload.emailAccount.id;
}

export async function createTemplate(
  graph: GraphClient,
  template: { name?: string; subject?: string; body?: string } = {},
): Promise<string> {
  const input = {
    channel: "EMAIL",
    name: "Intro",
    subject: "Hello {{ contact.firstName }}",
    body: "<p>Hi {{ contact.firstName }} at {{ lead.name }}</p>",
    ...template,
  };
  const payload = await graph.change(
    `mutation($input: TemplateInput!) { createTemplate(input: $input) { template { id } userErrors { code message path } } }`,
    { input },
  );
  return payload.template.id;
}

export async function createLead(
  graph: GraphClient,
  lead: { name?: string; contact?: string; email?: string; statusId?: string } = {},
): Promise<{ leadId: string; contactId: string }> {
  const input = {
    name: lead.name ?? "Acme",
    statusId: lead.statusId,
    contacts: [{ name: lead.contact ?? "Grace Hopper", emails: [lead.email ?? "grace@acme.example"] }],
  };
  const payload = await graph.change(
    `mutation($input: CreateLeadInput!) { createLead(input: $input) { lead { id contacts { id } } userErrors { code message path } } }`,
    { input },
  );
  return { leadId: payload.lead.id, contactId: payload.lead.contacts[0].id };
}

export async function createWorkflow(
  graph: GraphClient,
  input: Record<string, unknown>,
  options: { activate?: boolean } = {},
): Promise<{ id: string; revision: number; steps: { id: string }[] }> {
  const fields = `workflow { id revision steps { id } problems { code message stepId field } } problems { code message stepId field } userErrors { code message path }`;
  const payload = await graph.change(
    `mutation($input: CreateWorkflowInput!) { createWorkflow(input: $input) { ${fields} } }`,
    { input },
  );
  if (options.activate ?? true)
    await graph.change(`mutation($id: ID!) { activateWorkflow(id: $id) { ${fields} } }`, { id: payload.workflow.id });
  return payload.workflow;
}

export const emailStep = (templateId: string, delay?: { amount: number; unit: string }, ignoreSchedule = false) => ({
  name: "Email",
  delay,
  email: { sender: { mode: "CREATOR_OR_ENROLLING_USER" }, templateId, ignoreSchedule },
});
export const taskStep = (delay?: { amount: number; unit: string }, description = "Call {{ contact.name }}") => ({
  name: "Task",
  delay,
  task: { description, assignee: { mode: "CREATOR_OR_ENROLLING_USER" } },
});
export const updateStep = (
  fields: Record<string, unknown>[],
  delay?: { amount: number; unit: string },
  overwrite = true,
) => ({ name: "Update", delay, updateLead: { fields, overwrite } });

export async function enroll(graph: GraphClient, workflowId: string, contactId: string): Promise<string> {
  const payload = await graph.change(
    `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } userErrors { code message path } } }`,
    { input: { workflowId, contactId } },
  );
  return payload.run.id;
}

export const RUN_FIELDS = `id status version reason { code message } startedAt endedAt
  nextAction { stepId kind status at held { code message } }
  executions { id stepId kind status revision pendingSince dueAt heldUntil startedAt endedAt reason { code message } changes message { id status } task { id status } }
  transitions { at from to actor { kind label } reason { code message } }`;

export async function readRun(graph: GraphClient, id: string): Promise<Record<string, any>> {
  return (await graph.data(`query($id: ID!) { run(id: $id) { ${RUN_FIELDS} } }`, { id })).run;
}

export function runUntil(
  graph: GraphClient,
  id: string,
  satisfies: (run: Record<string, any>) => boolean,
  what: string,
): Promise<Record<string, any>> {
  return until(() => readRun(graph, id), satisfies, { what });
}

/** Moves the stack's clock. @param to an instant, or a number of milliseconds from its present. */
export async function advance(graph: GraphClient, to: Date | number): Promise<void> {
  const { testClock } = await graph.data(`{ testClock { now } }`);
  const target = typeof to === "number" ? new Date(new Date(testClock.now).getTime() + to) : to;
  await graph.change(
    `mutation($to: DateTime!) { advanceTestClock(to: $to) { testClock { now } userErrors { code message path } } }`,
    { to: target.toISOString() },
  );
}
