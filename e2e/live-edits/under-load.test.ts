import { afterAll, beforeAll, expect, test } from "vitest";
import type { GraphClient } from "../stack/graph-client.ts";
import { MailLedger } from "../stack/mail-ledger.ts";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import {
  advance,
  connectMailbox,
  createTemplate,
  createWorkflow,
  emailStep,
  taskStep,
  updateStep,
} from "../stack/world.ts";
import { Editor, randomFrom } from "./editor.ts";
import { faultsOfEnded, faultsOfWaiting, revisionsOf, runsOf } from "./edited-runs.ts";

const SEED = 20260105;
const CONTACTS = 300;
const EARLY = 200;
/** Enrolled when the storm is over. */
const LAST = 30;
const ROUNDS = 5;
/** Of each of the two editors, in each round. */
const EDITS = 20;
const HOUR_MS = 3_600_000;

let stack: Stack;
let ledger: MailLedger;
let graph: GraphClient;
beforeAll(async () => {
  ledger = await new MailLedger({ delayMs: 2 }).start();
  stack = await Stack.start(["--test-clock", "--no-seed", "--scale", "run-orchestrator=2"]);
  graph = stack.as("Demo");
  await connectMailbox(stack, "Demo", { host: "127.0.0.1", port: ledger.port });
});
afterAll(async () => {
  await stack?.stop();
  await ledger?.stop();
});

test(`EDIT-1 to EDIT-5: ${CONTACTS} runs under a storm of edits by two editors (seed ${SEED})`, async () => {
  const templateIds = [await createTemplate(graph, { name: "One" }), await createTemplate(graph, { name: "Two" })];
  const hour = { amount: 1, unit: "HOUR" };
  const { id: workflowId, steps } = await createWorkflow(graph, {
    name: "Storm",
    steps: [
      taskStep(undefined, "first task"),
      updateStep([{ field: "description", value: "first" }], hour),
      emailStep(templateIds[0]!, hour),
      taskStep(hour, "second task"),
      updateStep([{ field: "description", value: "second" }], hour),
      emailStep(templateIds[1]!, hour),
      taskStep(hour, "third task"),
    ],
  });
  await importContacts(graph);
  await enrollAll(graph, workflowId, "early");

  const editors = [1, 2].map((n) => new Editor({ graph, workflowId, templateIds, random: randomFrom(SEED + n) }));
  const startedAt = performance.now();
  await openTasks(graph, workflowId, EARLY);
  // Some complete it, and in the same moment it is removed.
  await Promise.all([editors[0]!.remove(steps[0]!.id), completeTasks(graph, workflowId, EARLY / 2)]);
  await openTasks(graph, workflowId, 0);
  let stormMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const stormStartedAt = performance.now();
    await Promise.all([
      ...editors.map((editor) => editor.edit(EDITS)),
      editTemplate(graph, templateIds[round % 2]!, round),
      completeTasks(graph, workflowId),
      round === 1 ? enrollAll(graph, workflowId, "late") : null,
    ]);
    stormMs += performance.now() - stormStartedAt;
    await Promise.all([advance(graph, HOUR_MS), completeTasks(graph, workflowId)]);
  }
  const { revision: newest, now: calmSince } = await newestOf(graph, workflowId);
  await enrollAll(graph, workflowId, "last");
  const newestSteps = (await revisionsOf(graph, workflowId)).get(newest)!;
  await until(
    async () => faultsOfWaiting(await runsOf(graph, workflowId), newestSteps, (await newestOf(graph, workflowId)).now),
    (faults) => faults.length === 0,
    { intervalMs: 200, what: "every waiting step to follow the newest revision" },
  );

  await until(
    async () => {
      await completeTasks(graph, workflowId);
      await advance(graph, 3 * HOUR_MS);
      return (await graph.data(COUNTS, { id: workflowId }))["workflow"].runCounts;
    },
    ({ active, total }) => active === 0 && total === CONTACTS,
    { timeoutMs: 90_000, what: "every run to end" },
  );
  const [runs, revisions] = [await runsOf(graph, workflowId), await revisionsOf(graph, workflowId)];
  const executions = runs.flatMap((run) => run.executions);
  const late = executions.filter(({ startedAt }) => startedAt && new Date(startedAt) > calmSince);
  const newestSubjects = [0, 1].map((i) => `Round ${ROUNDS - 1 - ((ROUNDS - 1 - i) % 2)}`);
  const withdrawn = executions.filter(({ status }) => status === "CANCELED");
  const [saved, conflicts] = [
    editors.reduce((n, { saved }) => n + saved, 0),
    editors.reduce((n, { conflicts }) => n + conflicts, 0),
  ];
  process.stdout.write(
    `${JSON.stringify({ runs: runs.length, executions: executions.length, mails: ledger.accepted.length, saved, conflicts, savesPerSecond: Math.round((saved * 1000) / stormMs), withdrawn: withdrawn.length, seconds: Math.round((performance.now() - startedAt) / 1000) })}\n`,
  );
  expect(runs).toHaveLength(CONTACTS);
  expect(faultsOfEnded(runs, revisions, ledger)).toEqual([]);
  // Nothing that was begun after the last save was done by an older revision or template.
  expect(late.filter(({ revision }) => revision !== newest)).toEqual([]);
  const mails = late.flatMap(({ message }) => (message?.template ? [message] : []));
  expect(
    mails.filter(({ subject, template }) => subject !== newestSubjects[templateIds.indexOf(template!.id)]),
  ).toEqual([]);
  expect(late.length).toBeGreaterThan(0);
  expect(editors.flatMap(({ needless }) => needless)).toEqual([]);
  expect(withdrawn.length).toBeGreaterThanOrEqual(EARLY / 2);
  expect(conflicts).toBeGreaterThan(0);
});

const COUNTS = `query($id: ID!) { workflow(id: $id) { runCounts { active paused finished error total } } }`;

/** Until so many tasks are open. */
async function openTasks(graph: GraphClient, workflowId: string, count: number): Promise<void> {
  await until(
    async () =>
      (
        await graph.data(`query($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }`, {
          filter: { workflowIds: [workflowId], status: ["OPEN"] },
        })
      )["tasks"].totalCount,
    (open) => open === count,
    { what: `${count} open tasks` },
  );
}

/** The newest revision, and what time it is since. */
async function newestOf(graph: GraphClient, id: string): Promise<{ revision: number; now: Date }> {
  const { workflow, testClock } = await graph.data(
    `query($id: ID!) { workflow(id: $id) { revision } testClock { now } }`,
    { id },
  );
  return { revision: workflow.revision, now: new Date(testClock.now) };
}

async function importContacts(graph: GraphClient): Promise<void> {
  const rows = Array.from({ length: CONTACTS }, (_, i) => {
    const name = i < EARLY ? "early" : i < CONTACTS - LAST ? "late" : "last";
    return `${name} ${i},Person ${i},${name}${i}@storm.example`;
  });
  const { job } = await graph.change(
    `mutation($content: String!) { importLeads(input: { format: CSV, content: $content, idempotencyKey: "storm" }) { job { id } userErrors { code message } } }`,
    { content: `lead_name,contact_name,contact_email\n${rows.join("\n")}\n` },
  );
  await until(
    async () =>
      (await graph.data(`query($id: ID!) { importJob(id: $id) { status } }`, { id: job.id }))["importJob"].status,
    (status) => status === "SUCCEEDED",
  );
}

async function enrollAll(graph: GraphClient, workflowId: string, search: string): Promise<void> {
  await graph.change(
    `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } userErrors { code message } } }`,
    { input: { workflowId, contactFilter: { search }, idempotencyKey: search } },
  );
}

async function editTemplate(graph: GraphClient, id: string, round: number): Promise<void> {
  const { template } = await graph.data(`query($id: ID!) { template(id: $id) { revision name } }`, { id });
  const input = { channel: "EMAIL", name: template.name, subject: `Round ${round}`, body: `<p>Round ${round}</p>` };
  await graph.change(
    `mutation($id: ID!, $revision: Int!, $input: TemplateInput!) { updateTemplate(id: $id, expectedRevision: $revision, input: $input) { template { revision } userErrors { code message } } }`,
    { id, revision: template.revision, input },
  );
}

/** As a person does: what is open now. One that is withdrawn in the same moment is gone. */
async function completeTasks(graph: GraphClient, workflowId: string, atMost = 200): Promise<void> {
  const { tasks } = await graph.data(
    `query($first: Int, $filter: TaskFilter) { tasks(first: $first, filter: $filter) { nodes { id } } }`,
    { first: atMost, filter: { workflowIds: [workflowId], status: ["OPEN"] } },
  );
  const complete = `mutation($id: ID!) { completeTask(id: $id) { userErrors { code } } }`;
  await Promise.all(tasks.nodes.map(({ id }: { id: string }) => graph.data(complete, { id })));
}
