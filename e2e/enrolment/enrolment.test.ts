import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { subscribe } from "../stack/subscription.ts";
import { until } from "../stack/until.ts";
import { createLead, createWorkflow, enroll, readRun, taskStep } from "../stack/world.ts";

const CONTACTS = 10_000;
let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
});
afterAll(() => stack.stop());

const JOB = `status total processed succeeded skipped failed reasons { reason { code } count }`;
const tomorrow = [taskStep({ amount: 1, unit: "DAY" })];
const jobOf = async (id: string) =>
  (await stack.as("Demo").data(`query($id: ID!) { bulkJob(id: $id) { ${JOB} } }`, { id }))["bulkJob"];
const runsOf = async (id: string): Promise<number> =>
  (await stack.as("Demo").data(`query($id: ID!) { workflow(id: $id) { runCounts { total } } }`, { id }))["workflow"]
    .runCounts.total;
const enrollAll = async (workflowId: string): Promise<string> =>
  (
    await stack
      .as("Demo", "MEMBER")
      .change(
        `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } userErrors { code message path } } }`,
        { input: { workflowId, contactFilter: { search: "crowd" } } },
      )
  ).job.id;

async function importContacts(): Promise<void> {
  const rows = Array.from({ length: CONTACTS }, (_, i) => `Company ${i},Person ${i},crowd${i}@load.example`);
  const response = await fetch(`${new URL(stack.dev.graphqlUrl).origin}/imports?format=CSV&key=crowd`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.user("Demo").token}`, "content-type": "text/csv" },
    body: `lead_name,contact_name,contact_email\n${rows.join("\n")}\n`,
  });
  const { id } = (await response.json()) as { id: string };
  await until(
    async () => (await stack.as("Demo").data(`query($id: ID!) { importJob(id: $id) { status } }`, { id }))["importJob"],
    ({ status }) => status === "SUCCEEDED",
    { timeoutMs: 120_000, what: "the import" },
  );
}

test("ENR-3, REL-1: a crowd is enrolled once each through a kill, seen live; a cancel leaves what its counts say", {
  timeout: 300_000,
}, async () => {
  await importContacts();
  const graph = stack.as("Demo");
  const [killed, canceled] = [
    await createWorkflow(graph, { name: "Through a kill", steps: tomorrow }),
    await createWorkflow(graph, { name: "Canceled", steps: tomorrow }),
  ];
  const jobId = await enrollAll(killed.id);
  const seen = subscribe<{ bulkJobUpdated: { status: string; processed: number } }>(
    stack.dev.wsUrl,
    stack.user("Demo").token,
    `subscription($id: ID!) { bulkJobUpdated(id: $id) { status processed } }`,
    { id: jobId },
  );
  await until(
    () => jobOf(jobId),
    ({ processed }) => processed > 2000,
    { what: "a part to be enrolled" },
  );
  const [orchestrator] = await stack.processes("run-orchestrator");
  process.kill(orchestrator!.pid, "SIGKILL");
  const job = await until(
    // Until the service is back, a query may fail.
    () => jobOf(jobId).catch(() => ({ status: "AWAY" })),
    ({ status }) => status !== "RUNNING" && status !== "AWAY",
    { timeoutMs: 120_000, what: "the job to end" },
  );
  expect(job).toMatchObject({ status: "SUCCEEDED", total: CONTACTS, processed: CONTACTS, failed: 0, skipped: 0 });
  await until(
    () => runsOf(killed.id),
    (total) => total === CONTACTS,
    { what: "every run to be counted" },
  );
  await until(
    () => seen.states.at(-1)?.bulkJobUpdated.status,
    (status) => status === "SUCCEEDED",
  );
  expect(seen.states.some(({ bulkJobUpdated: { processed } }) => processed > 0 && processed < CONTACTS)).toBe(true);
  seen.stop();

  const other = await enrollAll(canceled.id);
  await until(
    () => jobOf(other),
    ({ processed }) => processed > 0,
    { what: "some to be enrolled" },
  );
  const { job: ended } = await graph.change(
    `mutation($id: ID!) { cancelBulkJob(id: $id) { job { ${JOB} } userErrors { code message } } }`,
    { id: other },
  );
  expect(ended.status).toBe("CANCELED");
  await until(
    () => runsOf(canceled.id),
    (total) => total === ended.succeeded,
    { what: "the counts to agree" },
  );
  expect(ended.succeeded).toBeLessThan(CONTACTS);
});

test("ENR-2, ENR-6: of an exclusivity group a contact is in one run: the next is skipped, or replaces it", async () => {
  const graph = stack.as("Demo");
  const workflowOf = (name: string, onConflict: string) =>
    createWorkflow(graph, { name, steps: tomorrow, exclusivity: { group: "outreach", onConflict } });
  const [first, skips, replaces] = [
    await workflowOf("First", "SKIP"),
    await workflowOf("Skips", "SKIP"),
    await workflowOf("Replaces", "REPLACE"),
  ];
  const { contactId } = await createLead(graph, { name: "Exclusive", email: "one@exclusive.example" });
  const runId = await enroll(graph, first.id, contactId);
  const refused = await graph.data(
    `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } userErrors { code path } } }`,
    { input: { workflowId: skips.id, contactId, phoneNumberIds: [] } },
  );
  expect(refused["enroll"]).toEqual({ run: null, userErrors: [{ code: "EXCLUSIVITY", path: ["input", "contactId"] }] });
  const second = await enroll(graph, replaces.id, contactId);
  expect(await readRun(graph, runId)).toMatchObject({ status: "CANCELED", reason: { code: "REPLACED" } });
  expect((await readRun(graph, second)).status).toBe("ACTIVE");
});
