import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
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
  await connectMailbox(stack);
});
afterAll(() => stack.stop());

const DAY_MS = 24 * 3600 * 1000;
const DRY_RUN = `query($workflowId: ID!, $contactId: ID!, $startAt: DateTime) {
  dryRun(workflowId: $workflowId, contactId: $contactId, startAt: $startAt) {
    endsAt problems { code stepId }
    steps { stepId dueAt processedAt held { code } outcome reason { code } sender { email } subject body }
  }
}`;

test("API-1, EML-1: a dry run shows the mail that the run then sends, when, and from whom; the numbers follow", async () => {
  const graph = stack.as("Demo");
  const templateId = await createTemplate(graph, {
    subject: "Hello {{ contact.firstName }}",
    body: "<p>At {{ lead.name }}</p>",
  });
  const { contactId } = await createLead(graph, {
    name: "Foretold",
    contact: "Grace Hopper",
    email: "grace@foretold.example",
  });
  const workflow = await createWorkflow(graph, {
    name: "Foretold",
    steps: [
      updateStep([{ field: "description", value: "on its way" }]),
      emailStep(templateId, { amount: 3, unit: "DAY" }),
    ],
  });
  const { dryRun } = await graph.data(DRY_RUN, { workflowId: workflow.id, contactId });
  const [, mail] = dryRun.steps;
  expect(dryRun.problems).toEqual([]);
  expect(mail).toMatchObject({
    outcome: "DONE",
    sender: { email: stack.user("Demo").email },
    subject: "Hello Grace",
    body: "<p>At Foretold</p>",
  });
  expect(await stack.mails("grace@foretold.example")).toEqual([]);
  const counted = async () =>
    (
      await graph.data(
        `query($id: ID!) { workflow(id: $id) { runCounts { active finished total } metrics { enrolled messagesSent bounceRate perStep { stepId reached done } } } }`,
        { id: workflow.id },
      )
    ).workflow;
  expect((await counted()).runCounts.total).toBe(0);

  const runId = await enroll(graph, workflow.id, contactId);
  await runUntil(graph, runId, ({ nextAction }) => nextAction?.stepId === mail.stepId, "the email to be next");
  expect((await counted()).metrics.perStep.map(({ reached, done }: Record<string, number>) => [reached, done])).toEqual(
    [
      [1, 1],
      [1, 0],
    ],
  );
  await advance(graph, 4 * DAY_MS);
  await runUntil(graph, runId, ({ status }) => status === "FINISHED", "the run to finish");
  expect(await stack.mails("grace@foretold.example")).toMatchObject([{ subject: "Hello Grace" }]);
  expect(await counted()).toMatchObject({
    runCounts: { active: 0, finished: 1, total: 1 },
    metrics: { enrolled: 1, messagesSent: 1, bounceRate: 0, perStep: [{ done: 1 }, { done: 1 }] },
  });
});

test("WF-5, EML-2: what stops a run stops its dry run, and a contact of nobody is not found", async () => {
  const graph = stack.as("Demo");
  const templateId = await createTemplate(graph, { body: "<p>{{ contact.title }}</p>" });
  const { contactId } = await createLead(graph, { name: "Untitled", email: "untitled@foretold.example" });
  const workflow = await createWorkflow(graph, { name: "Stops", steps: [emailStep(templateId)] }, { activate: false });
  const { dryRun } = await graph.data(DRY_RUN, { workflowId: workflow.id, contactId });
  const stepId = workflow.steps[0]!.id;
  expect(dryRun).toMatchObject({
    endsAt: null,
    steps: [{ outcome: "ERROR", reason: { code: "TEMPLATE_VARIABLE_MISSING" } }],
    problems: [{ code: "TEMPLATE_VARIABLE_MISSING", stepId }],
  });
  await expect(graph.data(DRY_RUN, { workflowId: workflow.id, contactId: stepId })).rejects.toThrow(
    /NOT_FOUND|no such/,
  );
});
