import { type Causation, type Definition, NO_CAUSATION } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { email, task, updateLead } from "../runs/definition-builder.ts";
import { type Enrolling, type EnrollPayload, enrolling } from "../testing/enrolling.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
let world: Enrolling;
beforeAll(async () => {
  house = await startHouse();
  world = enrolling(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const ADA = { kind: "USER", id: null, label: "Ada" } as const;
const id = (): string => newId(realClock.now());
const lead = (contacts = 1) => house.crm.addLead(house.organizationId, "Acme", contacts);
const contact = (): string => lead().contactIds[0]!;
const finished = (runId: string) => eventually(async () => expect((await world.runOf(runId)).status).toBe("FINISHED"));
const short = (overrides: Partial<Definition> = {}) => world.workflow(overrides, "ACTIVE", [updateLead("only")]);
const inGroup = (onConflict: "SKIP" | "REPLACE" = "SKIP") => ({ exclusivity: { group: `group ${id()}`, onConflict } });
const afterEnd = (days: number) => ({ reentry: { mode: "AFTER_END" as const, minimumDaysSinceLastStart: days } });
const archive = (workflow: Definition) => house.definitions.put(workflow, "ARCHIVED");

const ACTIONS = {
  resumeRun: `mutation($id: ID!) { answer: resumeRun(id: $id) { run { id } userErrors { code path } } }`,
  retryRun: `mutation($id: ID!) { answer: retryRun(id: $id) { run { id } userErrors { code path } } }`,
  pauseRun: `mutation($id: ID!) { answer: pauseRun(id: $id) { run { id } userErrors { code path } } }`,
  skipStep: `mutation($id: ID!) { answer: skipStep(runId: $id, stepId: "${id()}") { run { id } userErrors { code path } } }`,
};
const act = async (action: keyof typeof ACTIONS, runId: string): Promise<string | null> =>
  (await house.data<{ answer: EnrollPayload }>(ACTIONS[action], { id: runId })).answer.userErrors[0]?.code ?? null;

test.each(["DRAFT", "ARCHIVED"] as const)(
  "ENR-6: WORKFLOW_NOT_ACTIVE of a workflow that is %s, before re-entry",
  async (status) => {
    const workflow = short();
    const contactId = contact();
    await finished(await world.started(workflow.workflowId, contactId));
    house.definitions.put(workflow, status);
    expect((await world.enroll({ workflowId: workflow.workflowId, contactId })).userErrors).toEqual([
      { code: "WORKFLOW_NOT_ACTIVE", path: ["input", "workflowId"] },
    ]);
  },
);

test("ENR-6: ALREADY_ENROLLED comes before WORKFLOW_NOT_ACTIVE, re-entry and EXCLUSIVITY", async () => {
  const workflow = world.workflow(inGroup());
  const contactId = contact();
  await world.started(workflow.workflowId, contactId);
  expect(await world.refusal(workflow.workflowId, contactId)).toBe("ALREADY_ENROLLED");
  archive(workflow);
  expect(await world.refusal(workflow.workflowId, contactId)).toBe("ALREADY_ENROLLED");
});

test("ENR-6: REENTRY_NOT_ALLOWED and REENTRY_TOO_SOON come before EXCLUSIVITY", async () => {
  const group = inGroup();
  const [once, spaced, other] = [short(group), short({ ...group, ...afterEnd(1) }), world.workflow(group)];
  const contactId = contact();
  for (const { workflowId } of [once, spaced]) await finished(await world.started(workflowId, contactId));
  await world.started(other.workflowId, contactId);
  expect(await world.refusal(once.workflowId, contactId)).toBe("REENTRY_NOT_ALLOWED");
  expect(await world.refusal(spaced.workflowId, contactId)).toBe("REENTRY_TOO_SOON");
  expect(await world.refusal(short(group).workflowId, contactId)).toBe("EXCLUSIVITY");
});

test("ENR-6: NO_RECIPIENT, SELF_TRIGGERED and CHAIN_TOO_DEEP of starts by events; an open run comes before the two last", async () => {
  const trigger = { event: "LEAD_UPDATED" as const, conditions: null, stalledDays: null };
  const workflow = world.workflow({ trigger });
  const { workflowId } = workflow;
  const [nobody, self, deep, enrolled] = [lead(0), lead(), lead(), lead()];
  await world.started(workflowId, enrolled.contactIds[0]!);
  const update = ({ leadId }: { leadId: string }, causation: Partial<Causation> = {}) =>
    changeOf(
      "LEAD",
      "UPDATED",
      { id: leadId, leadId },
      { after: { name: "Acme Inc" }, causation: { ...NO_CAUSATION, ...causation } },
    );
  const own = { workflowId, runId: id(), depth: 1 };
  const ofEighth = { workflowId: id(), runId: id(), depth: 7 };
  await house.tell([update(nobody), update(self, own), update(deep, ofEighth), update(enrolled, own)]);
  const refusals = house.database.tenant<{
    _id: string;
    organizationId: string;
    leadId: string;
    reason: { code: string };
  }>("startRefusals");
  await eventually(async () => {
    const found = await refusals.find(house.scope, { workflowId } as never);
    expect(Object.fromEntries(found.map(({ leadId, reason }) => [leadId, reason.code]))).toEqual({
      [nobody.leadId]: "NO_RECIPIENT",
      [self.leadId]: "SELF_TRIGGERED",
      [deep.leadId]: "CHAIN_TOO_DEEP",
      [enrolled.leadId]: "ALREADY_ENROLLED",
    });
  });
  archive(workflow);
});

test("ENR-6: RUN_NOT_RESUMABLE, RUN_NOT_RETRYABLE, RUN_NOT_OPEN and STEP_NOT_CURRENT, by what the run is", async () => {
  const [active, over] = [world.workflow(), short()];
  const runId = await world.started(active.workflowId, contact());
  const ended = await world.started(over.workflowId, contact());
  await finished(ended);
  const codes = async (of: string) => {
    const found: Record<string, string | null> = {};
    for (const action of ["resumeRun", "retryRun", "skipStep"] as const) found[action] = await act(action, of);
    return found;
  };
  expect(await codes(runId)).toEqual({
    resumeRun: "RUN_NOT_RESUMABLE",
    retryRun: "RUN_NOT_RETRYABLE",
    skipStep: "STEP_NOT_CURRENT",
  });
  // It has no step left.
  expect(await codes(ended)).toEqual({
    resumeRun: "RUN_NOT_RESUMABLE",
    retryRun: "RUN_NOT_RETRYABLE",
    skipStep: "RUN_NOT_OPEN",
  });
  expect([await act("pauseRun", ended), await act("pauseRun", id())]).toEqual(["RUN_NOT_OPEN", "NOT_FOUND"]);
});

test("ENR-6: resuming beside an open run is refused ALREADY_ENROLLED first, also what was canceled", async () => {
  const workflow = world.workflow(afterEnd(0));
  const contactId = contact();
  const runId = await world.started(workflow.workflowId, contactId);
  await house.first.engine.apply(house.scope, [runId], { kind: "cancel", actor: ADA });
  expect(await act("resumeRun", runId)).toBe("RUN_NOT_RESUMABLE");
  await world.started(workflow.workflowId, contactId);
  expect(await act("resumeRun", runId)).toBe("ALREADY_ENROLLED");
});

test("ENR-4, ENR-6: a new recipient must be of the run's lead, and none is taken while a message is under way", async () => {
  const workflow = world.workflow({}, "ACTIVE", [email("hello"), task("call back")]);
  const { contactIds, leadId } = lead(3);
  const [one, two, three] = contactIds as [string, string, string];
  const runId = await world.started(workflow.workflowId, one);
  await world.started(workflow.workflowId, three);
  for (const stranger of [contact(), id(), "nonsense", house.crm.addLead(id(), "Elsewhere").contactIds[0]!])
    expect((await world.changeRecipient(runId, stranger)).userErrors).toEqual([
      { code: "NOT_FOUND", path: ["contactId"] },
    ]);
  expect((await world.changeRecipient(runId, two)).userErrors).toEqual([
    { code: "COMMUNICATION_STEP_OPEN", path: ["runId"] },
  ]);
  // Of several reasons the open run comes first.
  expect((await world.changeRecipient(runId, three)).userErrors).toEqual([
    { code: "ALREADY_ENROLLED", path: ["contactId"] },
  ]);
  const step = workflow.places[0]!.stepId;
  const result = { key: `${runId}:${step}:1`, runId, stepId: step, attempt: 1, outcome: "DONE" as const, reason: null };
  const rest = { messageId: id(), taskId: null, changes: null, at: realClock.now() };
  await house.publish("communicationsStepEnded", [{ ...result, ...rest }]);
  // A task of the old recipient's is no message.
  await eventually(async () => expect((await world.runOf(runId)).executions).toHaveLength(2));
  expect((await world.changeRecipient(runId, two)).userErrors).toEqual([]);
  expect(await world.runOf(runId)).toMatchObject({ contactId: two, leadId, ordinal: 1, status: "ACTIVE" });
  expect(await world.refusal(workflow.workflowId, two)).toBe("ALREADY_ENROLLED");
});

test("ENR-4: of two changes to one recipient at one moment, and an enrolment, one wins", async () => {
  const workflow = world.workflow();
  const { contactIds } = lead(3);
  const [one, two, wanted] = contactIds as [string, string, string];
  const runs = [await world.started(workflow.workflowId, one), await world.started(workflow.workflowId, two)];
  const answers = await Promise.all([
    ...runs.map((runId) => world.changeRecipient(runId, wanted)),
    world.enroll({ workflowId: workflow.workflowId, contactId: wanted }),
  ]);
  expect(answers.filter(({ run }) => run)).toHaveLength(1);
  expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(
    Array.from({ length: 2 }, () => "ALREADY_ENROLLED"),
  );
  expect(await world.openOf(wanted)).toHaveLength(1);
});

test("API-2: a member enrolls in anyone's workflow; a viewer's request is refused before its values are looked at", async () => {
  const { workflowId } = world.workflow({ ownerId: id() });
  const contactId = contact();
  const member = { role: "MEMBER" as const, actor: { kind: "USER" as const, id: id(), label: "Bob" } };
  expect((await world.enroll({ workflowId, contactId }, member)).run).not.toBeNull();
  for (const field of ["enroll(input: $input) { run { id } }", "enrollMany(input: $many) { job { id } }"]) {
    const used = field.includes("many") ? "$many: EnrollManyInput!" : "$input: EnrollInput!";
    const values = { input: { workflowId, contactId: "nonsense" }, many: { workflowId } };
    const answer = await house.ask(`mutation(${used}) { ${field} }`, values, { role: "VIEWER" });
    expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  }
});
