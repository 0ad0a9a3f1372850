import { afterAll, beforeAll, expect, test } from "vitest";
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
  readRun,
  runUntil,
  taskStep,
  updateStep,
} from "../stack/world.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
  await connectMailbox(stack);
});
afterAll(() => stack.stop());

const DAY = (amount: number) => ({ amount, unit: "DAY" });
const PAYLOAD = "workflow { revision steps { id name } } problems { code message } userErrors { code message path }";

test("EDIT-2: a step put right before the pending one becomes current, a removed one is passed over", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Edits",
    steps: [
      updateStep([{ field: "description", value: "one" }], DAY(3)),
      updateStep([{ field: "description", value: "two" }], DAY(3)),
    ],
  });
  const { contactId } = await createLead(graph);
  const runId = await enroll(graph, workflow.id, contactId);
  const added = await graph.change(
    `mutation($id: ID!, $step: StepInput!) { addStep(workflowId: $id, expectedRevision: 1, step: $step, position: 0) { ${PAYLOAD} } }`,
    { id: workflow.id, step: { ...updateStep([{ field: "description", value: "zero" }], DAY(1)), name: "Zero" } },
  );
  const zero = added.workflow.steps[0].id;
  await runUntil(graph, runId, (run) => run.nextAction.stepId === zero, "the added step to be current");
  await graph.change(
    `mutation($id: ID!, $step: ID!) { removeStep(workflowId: $id, expectedRevision: 2, stepId: $step) { ${PAYLOAD} } }`,
    { id: workflow.id, step: zero },
  );
  await runUntil(graph, runId, (run) => run.nextAction.stepId === workflow.steps[0]!.id, "the next step to be current");
});

test("EDIT-3: a shortened delay that is over makes the step due now; saving the same again changes nothing", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Delays",
    steps: [updateStep([{ field: "description", value: "delayed" }], DAY(10))],
  });
  const { contactId } = await createLead(graph);
  const runId = await enroll(graph, workflow.id, contactId);
  const before = await readRun(graph, runId);
  const save = (revision: number, amount: number) =>
    graph.change(
      `mutation($id: ID!, $revision: Int!, $step: ID!, $input: StepInput!) { updateStep(workflowId: $id, expectedRevision: $revision, stepId: $step, step: $input) { ${PAYLOAD} } }`,
      {
        id: workflow.id,
        revision,
        step: workflow.steps[0]!.id,
        input: updateStep([{ field: "description", value: "delayed" }], DAY(amount)),
      },
    );
  expect((await save(1, 20)).workflow.revision).toBe(2);
  const later = await runUntil(graph, runId, (run) => run.nextAction.at !== before.nextAction.at, "the time to be new");
  expect(new Date(later.nextAction.at).getTime() - new Date(before.nextAction.at).getTime()).toBe(10 * 24 * 3600_000);
  expect((await save(2, 20)).workflow.revision).toBe(2);
  await advance(graph, 5 * 24 * 3600_000);
  await save(2, 4);
  await runUntil(graph, runId, ({ status }) => status === "FINISHED", "the step to be due at once");
});

test("EDIT-4: a claimed step that is removed is withdrawn and the run moves on once", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Withdrawn",
    steps: [taskStep(), updateStep([{ field: "description", value: "after" }])],
  });
  const { contactId } = await createLead(graph);
  const runId = await enroll(graph, workflow.id, contactId);
  const waiting = await runUntil(graph, runId, (run) => run.nextAction?.status === "WAITING", "the task to be open");
  await graph.change(
    `mutation($id: ID!, $step: ID!) { removeStep(workflowId: $id, expectedRevision: 1, stepId: $step) { ${PAYLOAD} } }`,
    { id: workflow.id, step: workflow.steps[0]!.id },
  );
  const finished = await runUntil(graph, runId, ({ status }) => status === "FINISHED", "the run to move on");
  expect(finished.executions).toMatchObject([
    { status: "CANCELED", reason: { code: "STEP_REMOVED" }, revision: 1 },
    { status: "DONE", revision: 2 },
  ]);
  const { task } = await graph.data(`query($id: ID!) { task(id: $id) { status } }`, {
    id: waiting.executions[0].task.id,
  });
  expect(task.status).toBe("CANCELED");
});

test("EDIT-5: the template as it is when the step is processed is what is sent", async () => {
  const graph = stack.as("Demo");
  const templateId = await createTemplate(graph, { name: "Late", subject: "Old" });
  const workflow = await createWorkflow(graph, { name: "Late edit", steps: [emailStep(templateId, DAY(1))] });
  const { contactId } = await createLead(graph, { email: "late@acme.example" });
  const runId = await enroll(graph, workflow.id, contactId);
  await graph.change(
    `mutation($id: ID!, $input: TemplateInput!) { updateTemplate(id: $id, expectedRevision: 1, input: $input) { template { revision } userErrors { code message } } }`,
    { id: templateId, input: { channel: "EMAIL", name: "Late", subject: "New", body: "<p>New</p>" } },
  );
  await advance(graph, 24 * 3600_000 + 1000);
  await runUntil(graph, runId, ({ status }) => status === "FINISHED", "the email to be sent");
  expect(
    (
      await until(
        () => stack.mails("late@acme.example"),
        (mails) => mails.length > 0,
      )
    )[0]!.subject,
  ).toBe("New");
});

test("WF-4: a stale revision is refused and changes nothing; WF-1: archiving pauses the runs", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Stale",
    steps: [updateStep([{ field: "description", value: "x" }], DAY(5))],
  });
  const { contactId } = await createLead(graph);
  const runId = await enroll(graph, workflow.id, contactId);
  const answer = await graph.data(
    `mutation($id: ID!) { updateWorkflow(id: $id, input: { expectedRevision: 7, name: "No" }) { workflow { name } userErrors { code message path } } }`,
    { id: workflow.id },
  );
  expect(answer.updateWorkflow.userErrors[0].code).toBe("REVISION_CONFLICT");
  await graph.change(`mutation($id: ID!) { archiveWorkflow(id: $id) { ${PAYLOAD} } }`, { id: workflow.id });
  const paused = await runUntil(graph, runId, ({ status }) => status === "PAUSED", "the run to be paused");
  expect(paused.reason.code).toBe("WORKFLOW_ARCHIVED");
  await graph.change(`mutation($id: ID!) { activateWorkflow(id: $id) { ${PAYLOAD} } }`, { id: workflow.id });
  expect((await readRun(graph, runId)).status).toBe("PAUSED");
  await graph.change(`mutation($id: ID!) { resumeRun(id: $id) { run { status } userErrors { code message } } }`, {
    id: runId,
  });
  await advance(graph, 5 * 24 * 3600_000 + 1000);
  await runUntil(graph, runId, ({ status }) => status === "FINISHED", "the resumed run to finish");
});
