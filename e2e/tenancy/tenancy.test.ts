import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GraphClient } from "../stack/graph-client.ts";
import { Stack } from "../stack/stack.ts";
import { subscribe } from "../stack/subscription.ts";
import { until } from "../stack/until.ts";
import { createLead, createWorkflow, enroll, taskStep, updateStep } from "../stack/world.ts";

let stack: Stack;
let ids: { leadId: string; contactId: string; workflowId: string; runId: string };
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
  const graph = stack.as("Demo");
  const lead = await createLead(graph);
  const workflow = await createWorkflow(graph, { name: "Mine", steps: [taskStep()] });
  ids = { ...lead, workflowId: workflow.id, runId: await enroll(graph, workflow.id, lead.contactId) };
});
afterAll(() => stack.stop());

test("API-3: another organization's ids behave like ids that do not exist, on every way", async () => {
  const other = stack.as("Other");
  const read = await other.data(
    `query($lead: ID!, $contact: ID!, $workflow: ID!, $run: ID!) { lead(id: $lead) { id } contact(id: $contact) { id } workflow(id: $workflow) { id } run(id: $run) { id } runs(filter: { ids: [$run] }) { totalCount } contacts(filter: { ids: [$contact] }) { totalCount } }`,
    { lead: ids.leadId, contact: ids.contactId, workflow: ids.workflowId, run: ids.runId },
  );
  expect(read).toEqual({
    lead: null,
    contact: null,
    workflow: null,
    run: null,
    runs: { totalCount: 0 },
    contacts: { totalCount: 0 },
  });

  const own = await createWorkflow(other, {
    name: "Theirs",
    steps: [updateStep([{ field: "description", value: "x" }])],
  });
  const refused = await other.data(
    `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } userErrors { code } } }`,
    { input: { workflowId: own.id, contactId: ids.contactId } },
  );
  expect(refused.enroll).toEqual({ run: null, userErrors: [{ code: "NOT_FOUND" }] });
  for (const [name, argument] of [
    ["pauseRun", ids.runId],
    ["cancelRun", ids.runId],
    ["resumeRun", ids.runId],
  ] as const) {
    const answer = await other.data(`mutation($id: ID!) { ${name}(id: $id) { run { id } userErrors { code } } }`, {
      id: argument,
    });
    expect(answer[name]).toEqual({ run: null, userErrors: [{ code: "NOT_FOUND" }] });
  }
  const subscription = subscribe(
    stack.dev.wsUrl,
    stack.user("Other").token,
    `subscription($id: ID!) { runUpdated(id: $id) { id status } }`,
    { id: ids.runId },
  );
  await until(
    () => JSON.stringify(subscription.errors),
    (text) => text.includes("NOT_FOUND"),
  );
  expect(subscription.states.filter((state) => state["runUpdated"] !== null)).toEqual([]);
  subscription.stop();
});

test("API-2: a viewer reads and changes nothing; a member changes their own workflows only", async () => {
  const viewer = stack.as("Demo", "VIEWER");
  expect((await viewer.data(`query($id: ID!) { run(id: $id) { id } }`, { id: ids.runId })).run.id).toBe(ids.runId);
  const refused = await viewer.ask(
    `mutation($input: CreateLeadInput!) { createLead(input: $input) { lead { id } userErrors { code } } }`,
    { input: { name: "" } },
  );
  expect(refused.errors[0]?.extensions?.code).toBe("FORBIDDEN");
  const member = stack.as("Demo", "MEMBER");
  const answer = await member.ask(
    `mutation($id: ID!) { updateWorkflow(id: $id, input: { expectedRevision: 99, name: "" }) { userErrors { code } } }`,
    { id: ids.workflowId },
  );
  expect(answer.errors[0]?.extensions?.code).toBe("FORBIDDEN");
});

test("API-2: no token, a wrong one, an expired one and one for others are refused", async () => {
  const { secret, issuer, audience } = stack.dev.auth;
  const user = stack.user("Demo");
  const organizationId = stack.dev.organizations[0]!.id;
  const sign = (key: string, changes: { aud?: string; exp?: string; sub?: string } = {}) =>
    new SignJWT({ org: organizationId })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(changes.sub ?? user.id)
      .setIssuer(issuer)
      .setAudience(changes.aud ?? audience)
      .setIssuedAt()
      .setExpirationTime(changes.exp ?? "1h")
      .sign(new TextEncoder().encode(key));
  expect(
    (await new GraphClient(stack.dev.graphqlUrl, await sign(secret)).data(`{ viewer { role } }`)).viewer.role,
  ).toBe("ADMIN");
  const bad = [
    null,
    "nonsense",
    await sign("another secret of sufficient length, really"),
    await sign(secret, { aud: "others" }),
    await sign(secret, { exp: "-1h" }),
    await sign(secret, { sub: "01JZZZZZZZZZZZZZZZZZZZZZZZ" }),
  ];
  for (const token of bad) {
    const answer = await new GraphClient(stack.dev.graphqlUrl, token).ask(`{ viewer { role } }`);
    expect(answer.errors[0]?.extensions?.code).toBe("UNAUTHENTICATED");
    expect(answer.data).toBeFalsy();
  }
});

test("API-2: an API key works until it is revoked, and is shown once", async () => {
  const graph = stack.as("Demo");
  const { apiKey, secret } = await graph.change(
    `mutation { createApiKey(input: { name: "Importer", role: MEMBER }) { apiKey { id } secret userErrors { code } } }`,
  );
  const machine = new GraphClient(stack.dev.graphqlUrl, secret);
  expect((await machine.data(`{ viewer { role user { id } apiKey { name } } }`)).viewer).toEqual({
    role: "MEMBER",
    user: null,
    apiKey: { name: "Importer" },
  });
  await graph.change(`mutation($id: ID!) { revokeApiKey(id: $id) { apiKey { revokedAt } userErrors { code } } }`, {
    id: apiKey.id,
  });
  await until(
    async () => (await machine.ask(`{ viewer { role } }`)).errors[0]?.extensions?.code,
    (code) => code === "UNAUTHENTICATED",
    { what: "the key to be refused" },
  );
});

test("API-2: a subgraph answers only what the gateway signed", async () => {
  for (const { graphqlUrl, service } of stack.dev.processes) {
    if (!graphqlUrl || service === "gateway") continue;
    const answer = await new GraphClient(graphqlUrl, stack.user("Demo").token).ask(`{ __typename }`);
    expect([service, answer.data ?? null, answer.errors[0]?.extensions?.code]).toEqual([
      service,
      null,
      "UNAUTHENTICATED",
    ]);
  }
});
