import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import {
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
  await connectMailbox(stack);
});
afterAll(() => stack.stop());

const counts = async () =>
  (await stack
    .as("Demo")
    .data(`{ leads { totalCount } contacts { totalCount } workflows { totalCount } runs { totalCount } }`)) as Record<
    string,
    { totalCount: number }
  >;

const CREATE_LEAD = `mutation($input: CreateLeadInput!) { createLead(input: $input) { lead { id } userErrors { code message path } } }`;
const malformedLeads: [string, Record<string, unknown>, string[]][] = [
  ["an empty name", { name: "" }, ["input", "name"]],
  ["a name of 100,000 characters", { name: "x".repeat(100_000) }, ["input", "name"]],
  ["a url of another scheme", { name: "A", url: "javascript:alert(1)" }, ["input", "url"]],
  ["an unknown status", { name: "A", statusId: "01JZZZZZZZZZZZZZZZZZZZZZZZ" }, ["input", "statusId"]],
  ["an id that is none", { name: "A", statusId: "{$ne: null}" }, ["input", "statusId"]],
  [
    "an unknown custom field",
    { name: "A", customFields: [{ fieldId: "01JZZZZZZZZZZZZZZZZZZZZZZZ", value: 1 }] },
    ["input", "customFields", "0"],
  ],
  [
    "an address that is none",
    { name: "A", contacts: [{ name: "B", emails: ["b@b.example", "nonsense"] }] },
    ["input", "contacts", "0", "emails", "1"],
  ],
  [
    "an address with a line break",
    { name: "A", contacts: [{ name: "B", emails: ["b@b.example\r\nBcc: x@x.example"] }] },
    ["input", "contacts", "0", "emails", "0"],
  ],
  [
    "an impossible number",
    { name: "A", contacts: [{ name: "B", phones: ["12"] }] },
    ["input", "contacts", "0", "phones", "0"],
  ],
];
test.each(malformedLeads)("API-5: %s is refused with its path and nothing is written", async (_, input, path) => {
  const before = await counts();
  const answer = await stack.as("Demo").ask<Record<string, any>>(CREATE_LEAD, { input });
  const found = answer.data?.["createLead"]?.userErrors[0]?.path ?? answer.errors[0]?.extensions?.path;
  expect((found ?? []).join(".")).toContain(path.join("."));
  expect(await counts()).toEqual(before);
});

test("API-5: malformed scalars and variables are BAD_USER_INPUT with a path", async () => {
  const graph = stack.as("Demo");
  const { contactId } = await createLead(graph);
  const answer = await graph.ask(`mutation($to: DateTime!) { advanceTestClock(to: $to) { userErrors { code } } }`, {
    to: "tomorrow",
  });
  expect(answer.errors[0]?.extensions?.code).toBe("BAD_USER_INPUT");
  expect(answer.errors[0]?.extensions?.path?.join(".")).toContain("to");
  for (const first of [0, -1, 201, 100_000]) {
    const page = await graph.ask(`query($first: Int) { contacts(first: $first) { totalCount } }`, { first });
    expect([first, page.errors[0]?.extensions?.code]).toEqual([first, "BAD_USER_INPUT"]);
  }
  expect(
    (await graph.data(`query($id: ID!) { run(id: $id) { id } contact(id: "nonsense") { id } }`, { id: contactId })).run,
  ).toBeNull();
});

const faultySteps: [string, (templateId: string) => Record<string, unknown>, string][] = [
  ["a missing template", () => emailStep("01JZZZZZZZZZZZZZZZZZZZZZZZ"), "email.templateId"],
  [
    "a foreign sender",
    (templateId) => ({ email: { templateId, sender: { mode: "USER", userId: stack.user("Other").id } } }),
    "email.sender",
  ],
  [
    "an unknown custom field",
    () => updateStep([{ field: "custom.01JZZZZZZZZZZZZZZZZZZZZZZZ", value: "x" }]),
    "updateLead.fields",
  ],
];
test.each(faultySteps)("WF-5: %s is named by step and field when a workflow is activated", async (_, step, field) => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(
    graph,
    { name: "Faulty", steps: [step(await createTemplate(graph))] },
    { activate: false },
  );
  const { activateWorkflow } = await graph.data(
    `mutation($id: ID!) { activateWorkflow(id: $id) { workflow { status } problems { code stepId field } userErrors { code } } }`,
    { id: workflow.id },
  );
  expect(activateWorkflow.userErrors.map(({ code }: any) => code)).toContain("WORKFLOW_HAS_PROBLEMS");
  expect(
    activateWorkflow.problems.some(
      (problem: any) => problem.stepId === workflow.steps[0]!.id && problem.field.startsWith(field),
    ),
  ).toBe(true);
  expect(
    (await graph.data(`query($id: ID!) { workflow(id: $id) { status } }`, { id: workflow.id })).workflow.status,
  ).toBe("DRAFT");
});

test("WF-2: a delay of 366 days, a negative one, and two kinds in one step are refused with a path", async () => {
  const graph = stack.as("Demo");
  const before = await counts();
  const step = updateStep([{ field: "description", value: "x" }]);
  for (const bad of [
    { ...step, delay: { amount: 366, unit: "DAY" } },
    { ...step, delay: { amount: -1, unit: "HOUR" } },
    { ...step, task: { description: "x" } },
    { name: "nothing" },
  ]) {
    const { createWorkflow: payload } = await graph.data(
      `mutation($input: CreateWorkflowInput!) { createWorkflow(input: $input) { workflow { id } userErrors { code path } } }`,
      { input: { name: "Bad", steps: [bad] } },
    );
    expect(payload.workflow).toBeNull();
    expect(payload.userErrors[0].path.join(".")).toContain("input.steps.0");
  }
  expect(await counts()).toEqual(before);
});

test("EML-1: a missing template variable stops the run at the step and is named; retry takes the mended template", async () => {
  const graph = stack.as("Demo");
  const templateId = await createTemplate(graph, { name: "Missing", subject: "For {{ contact.title }}" });
  const workflow = await createWorkflow(graph, { name: "Missing", steps: [emailStep(templateId)] });
  const { contactId } = await createLead(graph, { email: "missing@acme.example" });
  const runId = await enroll(graph, workflow.id, contactId);
  const failed = await runUntil(graph, runId, ({ status }) => status === "ERROR", "the run to stop");
  expect(failed.reason.message).toContain("contact.title");
  await graph.change(
    `mutation($id: ID!, $input: TemplateInput!) { updateTemplate(id: $id, expectedRevision: 1, input: $input) { template { id } userErrors { code message } } }`,
    {
      id: templateId,
      input: {
        channel: "EMAIL",
        name: "Missing",
        subject: "For {{ contact.title | default: 'you' }}",
        body: "<p>x</p>",
      },
    },
  );
  await graph.change(`mutation($id: ID!) { retryRun(id: $id) { run { status } userErrors { code message } } }`, {
    id: runId,
  });
  await runUntil(graph, runId, ({ status }) => status === "FINISHED", "the retried run to finish");
  expect(
    (
      await until(
        () => stack.mails("missing@acme.example"),
        (mails) => mails.length > 0,
      )
    )[0]!.subject,
  ).toBe("For you");
});

test("CRM-4: unknown columns are refused by name, and a repeated import imports nothing twice", async () => {
  const graph = stack.as("Demo");
  const run = (content: string, key: string) =>
    graph.data(
      `mutation($content: String!, $key: String) { importLeads(input: { format: CSV, content: $content, idempotencyKey: $key }) { job { id } userErrors { code message path } } }`,
      { content, key },
    );
  const refused = await run("lead_name,shoe_size\nA,43\n", "columns");
  expect(JSON.stringify(refused.importLeads.userErrors)).toContain("shoe_size");
  const before = await counts();
  const [one, two] = [
    await run("lead_name,contact_name\nTwice,B\n", "twice"),
    await run("lead_name,contact_name\nTwice,B\n", "twice"),
  ];
  expect(two.importLeads.job.id).toBe(one.importLeads.job.id);
  await until(counts, (now) => now["leads"]!.totalCount === before["leads"]!.totalCount + 1);
  const other = await run("lead_name\nOther\n", "twice");
  expect(other.importLeads.userErrors[0].code).toBe("IDEMPOTENCY_KEY_REUSED");
});

test("API-4: hostile documents are refused before they are run", async () => {
  const graph = stack.as("Demo");
  const deep = `{ leads { nodes ${"{ contacts { lead ".repeat(10)} { id } ${"} }".repeat(10)} } }`;
  const wide = `{ ${Array.from({ length: 150 }, (_, i) => `a${i}: viewer { role }`).join(" ")} }`;
  const long = `{ viewer { ${"role ".repeat(6000)} } }`;
  for (const query of [
    deep,
    wide,
    long,
    "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
  ]) {
    const answer = await graph.ask(query);
    expect(["TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"]).toContain(
      answer.errors[0]?.extensions?.code,
    );
    expect(answer.data).toBeFalsy();
  }
});
