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
} from "../stack/world.ts";

let stack: Stack;
let templateId: string;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
  await connectMailbox(stack);
  templateId = await createTemplate(stack.as("Demo"));
});
afterAll(() => stack.stop());

const HOUR_MS = 3600 * 1000;
const PLACE = `lead { id } contact { id }`;
const merge = (kind: "Contacts" | "Leads", sourceId: string, destinationId: string) =>
  stack
    .as("Demo", "MEMBER")
    .change(
      `mutation($s: ID!, $d: ID!) { merge${kind}(sourceId: $s, destinationId: $d) { userErrors { code message path } } }`,
      { s: sourceId, d: destinationId },
    );
const placeOf = async (runId: string) => {
  const { run } = await stack.as("Demo").data(`query($id: ID!) { run(id: $id) { ${PLACE} } }`, { id: runId });
  return [run.lead.id, run.contact?.id];
};

test("RUN-9: a merged contact's run, its task and what it sends are the surviving one's", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Task, then email",
    steps: [taskStep(), emailStep(templateId)],
  });
  const [gone, stays] = [
    await createLead(graph, { name: "Old", contact: "Gone Away", email: "gone@old.example" }),
    await createLead(graph, { name: "New", contact: "Stays Here", email: "stays@new.example" }),
  ];
  const runId = await enroll(graph, workflow.id, gone.contactId);
  const { executions } = await runUntil(graph, runId, (run) => run["executions"][0]?.task, "the task to be made");
  const taskId = executions[0].task.id;

  await merge("Contacts", gone.contactId, stays.contactId);
  await until(
    () => placeOf(runId),
    (place) => place.join() === `${stays.leadId},${stays.contactId}`,
    { what: "the run to move" },
  );
  const task = `query($id: ID!) { task(id: $id) { description ${PLACE} } }`;
  await until(
    () => graph.data(task, { id: taskId }),
    (data) => data["task"].lead.id === stays.leadId && data["task"].contact.id === stays.contactId,
    { what: "the task to move" },
  );
  await graph.change(`mutation($id: ID!) { completeTask(id: $id) { userErrors { code message } } }`, { id: taskId });
  await runUntil(graph, runId, ({ status }) => status === "FINISHED", "the run to finish");
  // Its own address comes first.
  await until(
    () => stack.mails("stays@new.example"),
    (mails) => mails.length === 1,
  );
  expect(await stack.mails("gone@old.example")).toEqual([]);

  const unknown = await graph.data(
    `mutation($e: EnrollInput!, $a: RecordActivityInput!) {
      enroll(input: $e) { userErrors { code path } } recordActivity(input: $a) { userErrors { code path } }
    }`,
    {
      e: { workflowId: workflow.id, contactId: gone.contactId },
      a: { kind: "FORM_SUBMITTED", leadId: gone.leadId, contactId: gone.contactId, externalId: "late" },
    },
  );
  const notThere = (path: string[]) => ({ userErrors: [{ code: "NOT_FOUND", path }] });
  expect(unknown["enroll"]).toEqual(notThere(["input", "contactId"]));
  expect(unknown["recordActivity"]).toEqual(notThere(["input", "contactId"]));
});

test("RUN-9: of two runs of one workflow the older stays; a merged lead's runs wait on at the one that stays", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, { name: "Later", steps: [taskStep({ amount: 1, unit: "DAY" })] });
  const [one, two, other] = [
    await createLead(graph, { name: "One", email: "one@merge.example" }),
    await createLead(graph, { name: "Two", email: "two@merge.example" }),
    await createLead(graph, { name: "Other", email: "other@merge.example" }),
  ];
  const older = await enroll(graph, workflow.id, one.contactId);
  await advance(graph, HOUR_MS);
  const younger = await enroll(graph, workflow.id, two.contactId);
  const third = await enroll(graph, workflow.id, other.contactId);
  const due = (await readRun(graph, older)).nextAction.at;

  await merge("Contacts", one.contactId, two.contactId);
  const canceled = await runUntil(graph, younger, ({ status }) => status === "CANCELED", "the younger run to end");
  expect(canceled.reason.code).toBe("MERGED");
  await until(
    () => placeOf(older),
    (place) => place.join() === `${two.leadId},${two.contactId}`,
    { what: "the older run to move" },
  );
  expect(await readRun(graph, older)).toMatchObject({ status: "ACTIVE", nextAction: { at: due } });

  await merge("Leads", two.leadId, other.leadId);
  await until(
    () => placeOf(older),
    (place) => place.join() === `${other.leadId},${two.contactId}`,
    { what: "the run to go with its lead" },
  );
  expect((await readRun(graph, third)).status).toBe("ACTIVE");
  const lead = await graph.data(
    `query($gone: ID!, $id: ID!) { gone: lead(id: $gone) { id } lead(id: $id) { contacts { id } runs(status: [ACTIVE]) { nodes { id } } } }`,
    { gone: two.leadId, id: other.leadId },
  );
  expect(lead["gone"]).toBeNull();
  expect(lead["lead"].contacts).toEqual([{ id: other.contactId }, { id: two.contactId }]);
  const open = lead["lead"].runs.nodes.map(({ id }: { id: string }) => id);
  expect(open.sort()).toEqual([older, third].sort());
});
