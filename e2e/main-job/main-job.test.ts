import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { subscribe } from "../stack/subscription.ts";
import { until } from "../stack/until.ts";
import {
  advance,
  connectMailbox,
  createTemplate,
  createWorkflow,
  emailStep,
  enroll,
  RUN_FIELDS,
  runUntil,
  taskStep,
  updateStep,
} from "../stack/world.ts";

let stack: Stack;
const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
const CSV = `lead_name,lead_url,contact_name,contact_email,custom.Segment
Acme,https://acme.example,Grace Hopper,grace@acme.example,Large
Acme,https://acme.example,Alan Turing,alan@acme.example;turing@acme.example,
Globex,https://globex.example,Barbara Liskov,barbara@globex.example,Small
Broken,not a url,Nobody,nobody@broken.example,
`;

beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
});
afterAll(() => stack.stop());

test("OPS-2: the file for other programs says what runs, for whom, and where", async () => {
  expect(stack.dev.organizations.map(({ name }) => name)).toEqual(["Demo", "Other"]);
  for (const organization of stack.dev.organizations)
    expect(organization.users.map(({ role }) => role).sort()).toEqual(["ADMIN", "MEMBER", "VIEWER"]);
  const services = new Set(stack.dev.processes.map(({ service }) => service));
  for (const service of [
    "crm",
    "workflow-definition",
    "run-orchestrator",
    "communications",
    "dispatcher",
    "tasks",
    "gateway",
    "mongod",
    "nats-server",
  ])
    expect(services).toContain(service);
  for (const { healthUrl, metricsUrl } of stack.dev.processes) {
    if (healthUrl) expect((await fetch(healthUrl)).status).toBe(200);
    if (metricsUrl) expect(await (await fetch(metricsUrl)).text()).toContain("nodejs_eventloop_lag");
  }
});

test("RUN-3, EML-1, EML-7, TASK-2, LEAD-1: import, email in its window, task, update, finished, all of it live", async () => {
  const graph = stack.as("Demo");
  await connectMailbox(stack);
  const segment = (
    await graph.change(
      `mutation { createCustomField(input: { object: LEAD, name: "Segment", type: TEXT }) { customField { id } userErrors { code message } } }`,
    )
  ).customField.id;

  const { job } = await graph.change(
    `mutation($content: String!) { importLeads(input: { format: CSV, content: $content, idempotencyKey: "main-job" }) { job { id } userErrors { code message path } } }`,
    { content: CSV },
  );
  const imported = await until(
    async () =>
      (
        await graph.data(
          `query($id: ID!) { importJob(id: $id) { status total processed succeeded failed rowErrors { line message } } }`,
          { id: job.id },
        )
      ).importJob,
    (state) => state.status !== "RUNNING",
    { what: "the import" },
  );
  expect(imported).toMatchObject({ status: "SUCCEEDED", succeeded: 3, failed: 1, rowErrors: [{ line: 5 }] });
  const { contacts } = await graph.data(
    `{ contacts(filter: { search: "grace@acme" }) { totalCount nodes { id lead { id name } } } }`,
  );
  expect(contacts.totalCount).toBe(1);
  const [contact] = contacts.nodes;

  const templateId = await createTemplate(graph, {
    body: '<p>Hi {{ contact.firstName }} at {{ lead.name }} ({{ lead.custom["Segment"] }})</p>',
  });
  const workflow = await createWorkflow(graph, {
    name: "Main job",
    schedule: {
      timeZone: "Europe/Berlin",
      ranges: WEEKDAYS.map((weekday) => ({ weekday, start: "09:00", end: "17:00" })),
    },
    steps: [
      emailStep(templateId),
      taskStep({ amount: 1, unit: "DAY" }),
      updateStep([
        { field: "description", template: "Answered by {{ contact.name }}" },
        { field: `custom.${segment}`, value: "Reached" },
      ]),
    ],
  });

  // A Saturday morning: outside the window.
  await advance(graph, nextSaturday(new Date()));
  const runId = await enroll(graph, workflow.id, contact.id);
  const live = subscribe(
    stack.dev.wsUrl,
    stack.user("Demo").token,
    `subscription($id: ID!) { runUpdated(id: $id) { ${RUN_FIELDS} } }`,
    { id: runId },
  );
  const ofWorkflow = subscribe(
    stack.dev.wsUrl,
    stack.user("Demo").token,
    `subscription($id: ID!) { workflowRunsUpdated(workflowId: $id) { runCounts { active finished total } } }`,
    { id: workflow.id },
  );

  const held = await runUntil(graph, runId, (run) => run.nextAction?.status === "HELD", "the email to be held");
  expect(held.nextAction).toMatchObject({ kind: "EMAIL", held: { code: "OUTSIDE_WINDOW" } });
  expect(new Date(held.nextAction.at).getUTCDay()).toBe(1);
  expect(await stack.mails("grace@acme.example")).toHaveLength(0);

  await advance(graph, new Date(held.nextAction.at));
  const [mail] = await until(
    () => stack.mails("grace@acme.example"),
    (mails) => mails.length === 1,
    { what: "the email" },
  );
  expect(mail!.subject).toBe("Hello Grace");
  expect(mail!.raw).toContain("Hi Grace at Acme (Large)");
  expect(mail!.raw).toMatch(/^List-Unsubscribe: <http/m);
  expect(mail!.raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click/m);

  await runUntil(graph, runId, (run) => run.nextAction?.kind === "TASK", "the task to be next");
  await advance(graph, 24 * 3600_000 + 60_000);
  const waiting = await runUntil(
    graph,
    runId,
    (run) => run.nextAction?.status === "WAITING",
    "the task to wait for a person",
  );
  const taskId = waiting.executions[1].task.id;
  await graph.change(`mutation($id: ID!) { completeTask(id: $id) { task { status } userErrors { code message } } }`, {
    id: taskId,
  });

  const finished = await runUntil(graph, runId, (run) => run.status === "FINISHED", "the run to finish");
  expect(finished.executions.map((execution: any) => [execution.kind, execution.status])).toEqual([
    ["EMAIL", "DONE"],
    ["TASK", "DONE"],
    ["UPDATE_LEAD", "DONE"],
  ]);
  expect(finished.nextAction).toBeNull();
  expect(finished.transitions.map(({ to }: any) => to)).toEqual(["ACTIVE", "FINISHED"]);
  const { lead } = await graph.data(
    `query($id: ID!) { lead(id: $id) { description customFields { field { name } value } } }`,
    { id: contact.lead.id },
  );
  expect(lead.description).toBe("Answered by Grace Hopper");
  expect(lead.customFields).toContainEqual({ field: { name: "Segment" }, value: "Reached" });

  await until(
    () => live.states.at(-1)?.["runUpdated"].status,
    (status) => status === "FINISHED",
    { what: "the subscription to show the end" },
  );
  const versions = live.states.map((state) => state["runUpdated"].version);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(live.states.length).toBeGreaterThanOrEqual(3);
  await until(
    () => ofWorkflow.states.at(-1)?.["workflowRunsUpdated"].runCounts,
    (counts) => counts?.finished === 1 && counts?.active === 0,
    { what: "the counts to show the end" },
  );
  live.stop();
  ofWorkflow.stop();
});

test("EML-7: one click unsubscribes without signing in, and the next email to that address is skipped", async () => {
  const graph = stack.as("Demo");
  const [mail] = await stack.mails("grace@acme.example");
  const url = /^List-Unsubscribe: <(http[^>]+)>/m.exec(mail!.raw.replace(/\r\n[ \t]+/g, ""))![1]!;
  for (let i = 0; i < 2; i++) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
    expect(response.status).toBe(200);
  }
  const { contacts } = await graph.data(
    `{ contacts(filter: { search: "grace@acme" }) { nodes { id emails { address deliverability } } } }`,
  );
  expect(contacts.nodes[0].emails).toEqual([{ address: "grace@acme.example", deliverability: "UNSUBSCRIBED" }]);
  const templateId = await createTemplate(graph, { name: "Again" });
  const workflow = await createWorkflow(graph, { name: "Again", steps: [emailStep(templateId)] });
  const runId = await enroll(graph, workflow.id, contacts.nodes[0].id);
  const run = await runUntil(graph, runId, (state) => state.status === "FINISHED", "the run to go on");
  expect(run.executions[0]).toMatchObject({ status: "SKIPPED", reason: { code: "UNSUBSCRIBED" } });
  expect(await stack.mails("grace@acme.example")).toHaveLength(1);
});

test("ENR-3: everyone a filter finds is enrolled once, with progress", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Everyone",
    steps: [updateStep([{ field: "description", value: "seen" }])],
  });
  const start = () =>
    graph.change(
      `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } userErrors { code message path } } }`,
      { input: { workflowId: workflow.id, contactFilter: { search: "acme" }, idempotencyKey: "everyone" } },
    );
  const [first, second] = [await start(), await start()];
  expect(second.job.id).toBe(first.job.id);
  const job = await until(
    async () =>
      (
        await graph.data(
          `query($id: ID!) { bulkJob(id: $id) { status total processed succeeded skipped failed reasons { reason { code } count } } }`,
          { id: first.job.id },
        )
      ).bulkJob,
    ({ status }) => status !== "RUNNING",
  );
  expect(job).toMatchObject({ status: "SUCCEEDED", total: 2, processed: 2, succeeded: 2, failed: 0 });
  await until(
    async () =>
      (await graph.data(`query($id: ID!) { workflow(id: $id) { runCounts { finished } } }`, { id: workflow.id }))
        .workflow.runCounts.finished,
    (finished) => finished === 2,
  );
  // Both contacts are of one lead: the first run changes it, the second finds it as it wants it.
  const { nodes } = (
    await graph.data(`query($id: ID!) { workflow(id: $id) { runs { nodes { executions { changes } } } } }`, {
      id: workflow.id,
    })
  ).workflow.runs;
  expect(nodes.flatMap((run: any) => run.executions[0].changes)).toEqual([
    { field: "description", before: "Answered by Grace Hopper", after: "seen" },
  ]);
});

function nextSaturday(from: Date): Date {
  const day = new Date(from.getTime() + ((6 - from.getUTCDay() + 7) % 7 || 7) * 24 * 3600_000);
  return new Date(`${day.toISOString().slice(0, 10)}T10:00:00.000Z`);
}
