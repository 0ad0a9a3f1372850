import { startSmtpServer } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MailLedger } from "../stack/mail-ledger.ts";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import {
  advance,
  connectMailbox,
  createLead,
  createTemplate,
  createWorkflow,
  emailStep,
  enroll,
  runUntil,
  updateStep,
} from "../stack/world.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
});
afterAll(() => stack.stop());

const settings = `emailAccount { id status usage { lastHour queued } } userErrors { code message path }`;

async function runThrough(smtpPort: number, organization: "Demo" | "Other"): Promise<Record<string, any>> {
  const graph = stack.as(organization);
  await connectMailbox(stack, organization, { host: "127.0.0.1", port: smtpPort });
  const templateId = await createTemplate(graph);
  const workflow = await createWorkflow(graph, {
    name: `Through ${smtpPort}`,
    steps: [emailStep(templateId), updateStep([{ field: "description", value: "after" }])],
  });
  const { contactId } = await createLead(graph, { email: `someone${smtpPort}@acme.example` });
  const runId = await enroll(graph, workflow.id, contactId);
  return { graph, runId, contactId };
}

test("EML-8: an address refused for good is marked, the step is skipped and the run goes on", async () => {
  await using server = await startSmtpServer({ behaviour: { refuseRecipient: 550, text: "5.1.1 no such user" } });
  const { graph, runId, contactId } = await runThrough(server.port, "Demo");
  const run = await runUntil(graph, runId, ({ status }: any) => status === "FINISHED", "the run to go on");
  expect(run.executions[0]).toMatchObject({
    status: "SKIPPED",
    reason: { code: "BOUNCED" },
    message: { status: "BOUNCED" },
  });
  const { contact } = await graph.data(`query($id: ID!) { contact(id: $id) { emails { deliverability } } }`, {
    id: contactId,
  });
  expect(contact.emails[0].deliverability).toBe("BOUNCED");
});

test("SND-3: a connection lost after DATA is an unknown outcome, never sent again blindly, and a person decides", async () => {
  await using server = await startSmtpServer({ behaviour: "drop" });
  const { graph, runId } = await runThrough(server.port, "Other");
  await until(
    () => server.messages.length,
    (count: number) => count === 1,
    { what: "the server to have the data" },
  );
  await advance(graph, 61_000);
  const stopped = await runUntil(graph, runId, ({ status }: any) => status === "ERROR", "the run to stop for a person");
  expect(stopped.reason.code).toBe("UNKNOWN_OUTCOME");
  expect(stopped.executions[0].message.status).toBe("UNKNOWN_OUTCOME");
  expect(server.messages.length).toBe(1);
  await graph.change(
    `mutation($id: ID!) { resolveMessage(id: $id, wasSent: true) { message { status } userErrors { code message } } }`,
    { id: stopped.executions[0].message.id },
  );
  await runUntil(graph, runId, ({ status }: any) => status === "FINISHED", "the run to go on");
  expect(server.messages.length).toBe(1);
});

test("SND-1: an hourly limit holds exactly, and the rest goes out when it allows", async () => {
  const ledger = await new MailLedger({ delayMs: 0 }).start();
  const graph = stack.as("Demo");
  const accountId = await connectMailbox(stack, "Demo", { host: "127.0.0.1", port: ledger.port });
  await graph.change(
    `mutation($id: ID!, $input: UpdateEmailAccountInput!) { updateEmailAccount(id: $id, input: $input) { ${settings} } }`,
    { id: accountId, input: { limits: { perHour: 5, per24Hours: null, minimumGapSeconds: 0 } } },
  );
  const templateId = await createTemplate(graph, { name: "Limited" });
  const workflow = await createWorkflow(graph, { name: "Limited", steps: [emailStep(templateId)] });
  for (let i = 0; i < 8; i++)
    await enroll(graph, workflow.id, (await createLead(graph, { email: `limited${i}@acme.example` })).contactId);
  await until(
    () => ledger.accepted.length,
    (count) => count === 5,
    { what: "the limit to be used" },
  );
  await advance(graph, 30 * 60_000);
  expect(ledger.accepted.length).toBe(5);
  await advance(graph, 31 * 60_000);
  await until(
    () => ledger.accepted.length,
    (count) => count === 8,
    { what: "the rest" },
  );
  await ledger.stop();
});

test("API-5: an account whose server does not answer is refused with what was tried, and nothing is stored", async () => {
  const graph = stack.as("Demo");
  const before = (await graph.data(`{ viewer { user { emailAccounts { id } } } }`)).viewer.user.emailAccounts.length;
  const user = stack.user("Demo");
  const { connectEmailAccount } = await graph.data(
    `mutation($input: ConnectEmailAccountInput!) { connectEmailAccount(input: $input) { ${settings} } }`,
    {
      input: { ownerId: user.id, address: "ada@demo.example", smtp: { host: "127.0.0.1", port: 1, security: "NONE" } },
    },
  );
  expect(connectEmailAccount.emailAccount).toBeNull();
  expect(connectEmailAccount.userErrors[0].path).toContain("smtp");
  expect((await graph.data(`{ viewer { user { emailAccounts { id } } } }`)).viewer.user.emailAccounts.length).toBe(
    before,
  );
});
