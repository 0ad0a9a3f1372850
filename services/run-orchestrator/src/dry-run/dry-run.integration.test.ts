import type { StepResult } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually, TestClock } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandKey } from "../runs/commands.ts";
import { definition, email, officeHours, updateLead } from "../runs/definition-builder.ts";
import { currentExecution } from "../runs/model.ts";
import { type House, startHouse } from "../testing/house.ts";

// Saturday noon: the window opens on Monday.
const clock = new TestClock(new Date("2026-01-10T12:00:00.000Z"));
let house: House;
beforeAll(async () => {
  house = await startHouse({ clock });
});
afterAll(() => house[Symbol.asyncDispose]());

const id = (): string => newId(realClock.now());
const QUERY = `query($workflowId: ID!, $contactId: ID!, $startAt: DateTime) {
  dryRun(workflowId: $workflowId, contactId: $contactId, startAt: $startAt) {
    endsAt problems { code stepId }
    steps { stepId kind dueAt processedAt held { code } outcome reason { code } sender { id } subject body }
  }
}`;
type Shown = {
  endsAt: string | null;
  problems: { code: string; stepId: string | null }[];
  steps: {
    stepId: string;
    dueAt: string;
    processedAt: string | null;
    held: { code: string } | null;
    outcome: string;
  }[];
};
const dryRun = async (variables: object): Promise<Shown> =>
  (await house.data<{ dryRun: Shown }>(QUERY, variables)).dryRun;

function put() {
  const steps = [
    updateLead("first", { delay: { amount: 90, unit: "MINUTE" } }),
    email("second", { delay: { amount: 1, unit: "DAY" } }),
    updateLead("third", { delay: { amount: 2, unit: "HOUR" } }),
  ];
  return house.definitions.put(
    definition(steps, { organizationId: house.organizationId, workflowId: id(), schedule: officeHours() }),
  );
}

/** Everything stored, but for leases and the like that live by themselves. */
async function stored(): Promise<unknown> {
  const names = [
    "runs",
    "runTallies",
    "runTransitions",
    "outbox",
    "handled",
    "idempotencyKeys",
    "bulkJobs",
    "startRefusals",
  ];
  const all = names.map((name) => house.database.system(name, "A test compares all that is stored.").find().toArray());
  return Promise.all(all);
}

test("RUN-3, SCH-3: a dry run's times come true, and it writes and tells nothing", async () => {
  const { workflowId, places } = put();
  const { contactIds } = house.crm.addLead(house.organizationId, "Dry");
  const before = await stored();
  const shown = await dryRun({ workflowId, contactId: contactIds[0]! });
  expect(await stored()).toEqual(before);
  expect(shown).toMatchObject({ problems: [], endsAt: shown.steps[2]?.processedAt });
  expect(shown.steps.map(({ outcome, held }) => [outcome, held?.code])).toEqual([
    ["DONE", undefined],
    ["DONE", "OUTSIDE_WINDOW"],
    ["DONE", undefined],
  ]);

  const enroll = `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } userErrors { code } } }`;
  const { enroll: enrolled } = await house.data<{ enroll: { run: { id: string } } }>(enroll, {
    input: { workflowId, contactId: contactIds[0]! },
  });
  const read = async () => (await house.runs.tenant.findByIds(house.scope, [enrolled.run.id]))[0]!;
  await eventually(
    async () => {
      const run = await read();
      const current = currentExecution(run);
      if (current?.status === "PROCESSING" && current.kind === "EMAIL")
        await house.publish("communicationsStepEnded", [sent(run._id, current.stepId, current.attempt)]);
      else if (current && current.status !== "PROCESSING" && run.wakeAt && run.wakeAt > clock.now())
        clock.set(run.wakeAt);
      house.first.engine.wake();
      expect(run.status).toBe("FINISHED");
    },
    { timeoutMs: 30_000 },
  );
  const { executions, endedAt } = await read();
  expect(shown.steps.map(({ stepId, dueAt, processedAt }) => [stepId, dueAt, processedAt])).toEqual(
    executions.map(({ stepId, dueAt, startedAt }) => [stepId, dueAt.toISOString(), startedAt!.toISOString()]),
  );
  expect(shown.endsAt).toBe(endedAt!.toISOString());
  expect(places.length).toBe(executions.length);

  const again = await dryRun({ workflowId, contactId: contactIds[0]! });
  expect(again.problems).toEqual([{ code: "REENTRY_NOT_ALLOWED", stepId: null }]);
}, 60_000);

function sent(runId: string, stepId: string, attempt: number): StepResult {
  const nothing = { reason: null, taskId: null, changes: null };
  const key = commandKey(runId, stepId, attempt);
  return { key, runId, stepId, attempt, outcome: "DONE", messageId: id(), at: clock.now(), ...nothing };
}

test("ENR-6: what would refuse the start is a problem; a draft is walked as it would run", async () => {
  const { workflowId } = put();
  const { contactIds } = house.crm.addLead(house.organizationId, "Refused");
  const enroll = `mutation($input: EnrollInput!) { enroll(input: $input) { userErrors { code } } }`;
  await house.data(enroll, { input: { workflowId, contactId: contactIds[0]! } });
  const { problems, steps } = await dryRun({ workflowId, contactId: contactIds[0]!, startAt: "2026-02-02T10:00:00Z" });
  expect([problems, steps.length]).toEqual([[{ code: "ALREADY_ENROLLED", stepId: null }], 3]);
  const other = house.crm.addLead(house.organizationId, "Draft").contactIds[0]!;
  const draft = definition([email("only")], { organizationId: house.organizationId, workflowId: id() });
  house.definitions.put(draft, "DRAFT");
  expect(await dryRun({ workflowId: draft.workflowId, contactId: other })).toMatchObject({ problems: [], steps: [{}] });
  house.definitions.put(draft, "ARCHIVED");
  expect((await dryRun({ workflowId: draft.workflowId, contactId: other })).problems).toEqual([
    { code: "WORKFLOW_NOT_ACTIVE", stepId: null },
  ]);
});

test("API-3, API-5: what is unknown or another organization's is not found, and no time that means nothing is taken", async () => {
  const { workflowId } = put();
  const { contactIds } = house.crm.addLead(house.organizationId, "Found");
  const foreign = house.crm.addLead(id(), "Foreign").contactIds[0]!;
  const codeOf = async (variables: object, asker = {}) =>
    (await house.ask(QUERY, variables, asker)).errors?.[0]?.extensions;
  const known = { workflowId, contactId: contactIds[0]! };
  for (const variables of [
    { ...known, workflowId: id() },
    { ...known, workflowId: "nonsense" },
    { ...known, contactId: id() },
    { ...known, contactId: "nonsense" },
    { ...known, contactId: foreign },
  ])
    expect(await codeOf(variables)).toMatchObject({ code: "NOT_FOUND" });
  expect(await codeOf(known, { organizationId: id() })).toMatchObject({ code: "NOT_FOUND" });
  expect(await codeOf({ ...known, startAt: "1066-10-14T09:00:00Z" })).toMatchObject({
    code: "BAD_USER_INPUT",
    path: ["startAt"],
  });
});
