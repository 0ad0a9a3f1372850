import type { Exclusivity } from "@cadenza/contracts";
import { consume, type Consumer } from "@cadenza/messaging";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { email, updateLead } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type Enrolling, enrolling } from "../testing/enrolling.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
let world: Enrolling;
let mail: Consumer;
/** Runs whose message is withdrawn. */
const withdrawn: string[] = [];
beforeAll(async () => {
  house = await startHouse();
  world = enrolling(house);
  mail = await consume({
    committer: house.committer,
    durable: "mail",
    kinds: ["withdrawMessage"],
    handle: async (envelopes) => {
      for (const { items } of envelopes) withdrawn.push(...items.map(({ runId }) => runId));
    },
  });
});
afterAll(async () => {
  await mail.stop();
  await house[Symbol.asyncDispose]();
});

const group = (): string => `group ${newId(realClock.now())}`;
const contact = (): string => house.crm.addLead(house.organizationId, "Acme").contactIds[0]!;
const workflowIn = (name: string, onConflict: Exclusivity["onConflict"] = "SKIP", overrides = {}) =>
  world.workflow({ exclusivity: { group: name, onConflict }, ...overrides });
const ADA = { kind: "USER", id: null, label: "Ada" } as const;
const again = { mode: "AFTER_END", minimumDaysSinceLastStart: 0 } as const;

test("ENR-2: SKIP refuses EXCLUSIVITY beside an open run of the group, and starts once that has ended", async () => {
  const name = group();
  const [one, two] = [workflowIn(name), workflowIn(name)];
  const contactId = contact();
  const runId = await world.started(one.workflowId, contactId);
  expect(await world.refusal(two.workflowId, contactId)).toBe("EXCLUSIVITY");
  expect(await world.refusal(one.workflowId, contactId)).toBe("ALREADY_ENROLLED");
  expect(await world.refusal(workflowIn(group()).workflowId, contactId)).toBeNull();
  await house.first.engine.apply(house.scope, [runId], {
    kind: "cancel",
    actor: ADA,
  });
  expect(await world.refusal(two.workflowId, contactId)).toBeNull();
});

test.each(["ACTIVE", "PAUSED", "ERROR"] as const)(
  "ENR-2: REPLACE ends the group's run that is %s, withdraws what it has open and names the workflow",
  async (status) => {
    const name = group();
    const message = email("hello");
    const first = world.workflow({ exclusivity: { group: name, onConflict: "SKIP" } }, "ACTIVE", [message]);
    const second = workflowIn(name, "REPLACE", { name: "The other" });
    const contactId = contact();
    const replaced = await world.started(first.workflowId, contactId);
    if (status === "PAUSED") await house.first.engine.apply(house.scope, [replaced], { kind: "pause", actor: ADA });
    if (status === "ERROR") {
      const of = { key: `${replaced}:${message.id}:1`, runId: replaced, stepId: message.id, attempt: 1 };
      const reason = { code: "TEMPLATE_ERROR", message: "No such variable." };
      const rest = { messageId: null, taskId: null, changes: null, at: realClock.now() };
      await house.publish("communicationsStepEnded", [{ ...of, outcome: "ERROR", reason, ...rest }]);
    }
    await eventually(async () => expect((await world.runOf(replaced)).status).toBe(status));
    const runId = await world.started(second.workflowId, contactId);
    const before = await world.runOf(replaced);
    expect(before).toMatchObject({ status: "CANCELED", reason: { code: "REPLACED" } });
    expect(before.reason?.message).toContain('"The other"');
    expect(before.transitions.at(-1)).toMatchObject({ from: status, to: "CANCELED", actor: { kind: "USER" } });
    expect((await world.openOf(contactId)).map(({ _id }) => _id)).toEqual([runId]);
    // What stands at a failure has nothing under way.
    if (status !== "ERROR") await eventually(() => expect(withdrawn).toContain(replaced));
  },
);

test("ENR-2: what counts is what the workflow that wants to start says; a refused start replaces nothing", async () => {
  const name = group();
  const [skips, replaces] = [workflowIn(name, "SKIP", { reentry: again }), workflowIn(name, "REPLACE")];
  const contactId = contact();
  const first = await world.started(replaces.workflowId, contactId);
  expect(await world.refusal(skips.workflowId, contactId)).toBe("EXCLUSIVITY");
  await house.first.engine.apply(house.scope, [first], {
    kind: "cancel",
    actor: ADA,
  });
  const second = await world.started(skips.workflowId, contactId);
  expect(await world.refusal(replaces.workflowId, contactId)).toBe("REENTRY_NOT_ALLOWED");
  expect((await world.runOf(second)).status).toBe("ACTIVE");
});

test("ENR-2: of twenty enrolments at one moment in two workflows of a group, exactly one run is open in the end", async () => {
  for (const onConflict of ["SKIP", "REPLACE"] as const) {
    const name = group();
    const workflows = [
      workflowIn(name, onConflict, { reentry: again }),
      workflowIn(name, onConflict, { reentry: again }),
    ];
    const contactId = contact();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => world.enroll({ workflowId: workflows[i % 2]!.workflowId, contactId })),
    );
    expect(await world.openOf(contactId)).toHaveLength(1);
    const started = answers.filter(({ run }) => run).length;
    if (onConflict === "SKIP") expect(started).toBe(1);
    const codes = new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)));
    expect([...codes].filter((code) => code !== "ALREADY_ENROLLED" && code !== "EXCLUSIVITY")).toEqual([]);
    const runs = await house.runs.tenant.find(house.scope, { contactId });
    expect(runs).toHaveLength(started);
    for (const run of runs) if (!run.open) expect(run.reason?.code).toBe("REPLACED");
  }
});

test.each([
  ["SKIP", 1],
  ["REPLACE", 2],
] as const)(
  "ENR-2: one event for two workflows of a group that %s leaves one open run",
  async (onConflict, started) => {
    const name = group();
    const trigger = { event: "LEAD_UPDATED" as const, conditions: null, stalledDays: null };
    const two = [workflowIn(name, onConflict, { trigger }), workflowIn(name, onConflict, { trigger })];
    const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Acme");
    await house.tell([changeOf("LEAD", "UPDATED", { id: leadId, leadId }, { after: { name: "Acme Inc" } })]);
    await eventually(async () => expect(await world.openOf(contactIds[0]!)).toHaveLength(1));
    const workflowIds = two.map(({ workflowId }) => workflowId);
    expect(await house.runs.tenant.count(house.scope, { workflowId: { $in: workflowIds } })).toBe(started);
    for (const workflow of two) house.definitions.put(workflow, "ARCHIVED");
  },
);

test("ENR-2: a run keeps the group it was started in, whatever the workflow belongs to later", async () => {
  const [old, now] = [group(), group()];
  const workflow = workflowIn(old);
  const contactId = contact();
  await world.started(workflow.workflowId, contactId);
  house.definitions.put({ ...workflow, revision: 2, exclusivity: { group: now, onConflict: "SKIP" } });
  expect(await world.refusal(workflowIn(now).workflowId, contactId)).toBeNull();
  expect(await world.refusal(workflowIn(old).workflowId, contactId)).toBe("EXCLUSIVITY");
});

test("ENR-2, RUN-7: what is over is not resumed beside an open run of its group, in bulk neither", async () => {
  const name = group();
  const over = world.workflow({ exclusivity: { group: name, onConflict: "SKIP" } }, "ACTIVE", [updateLead("only")]);
  const contactId = contact();
  const runId = await world.started(over.workflowId, contactId);
  await eventually(async () => expect((await world.runOf(runId)).status).toBe("FINISHED"));
  house.definitions.put({ ...over, revision: 2, places: [...over.places, ...world.workflow().places] });
  const beside = await world.started(workflowIn(name).workflowId, contactId);
  const resume = async () =>
    (await house.first.engine.apply(house.scope, [runId], { kind: "resume", actor: ADA })).get(runId);
  expect(await resume()).toMatchObject({ refused: { code: "EXCLUSIVITY" } });
  const { bulkRunAction } = await house.data<{ bulkRunAction: { job: { id: string } } }>(
    `mutation($filter: RunFilter!) { bulkRunAction(action: RESUME_FINISHED, filter: $filter) { job { id } } }`,
    { filter: { workflowIds: [over.workflowId] } },
  );
  await eventually(async () => {
    const { bulkJob } = await house.data<{ bulkJob: object }>(
      `query($id: ID!) { bulkJob(id: $id) { status skipped reasons { reason { code } } } }`,
      bulkRunAction.job,
    );
    expect(bulkJob).toEqual({ status: "SUCCEEDED", skipped: 1, reasons: [{ reason: { code: "EXCLUSIVITY" } }] });
  });
  await house.first.engine.apply(house.scope, [beside], { kind: "cancel", actor: ADA });
  expect(await resume()).toMatchObject({ run: { status: "ACTIVE" } });
});

test("ENR-2, ENR-4: a recipient with an open run of the group is refused, of the workflow first", async () => {
  const name = group();
  const [one, two] = [workflowIn(name), workflowIn(name)];
  const { contactIds } = house.crm.addLead(house.organizationId, "Acme", 3);
  const runId = await world.started(one.workflowId, contactIds[0]!);
  await world.started(two.workflowId, contactIds[1]!);
  await world.started(one.workflowId, contactIds[2]!);
  const codes = await Promise.all(contactIds.slice(1).map((id) => world.changeRecipient(runId, id)));
  expect(codes.map(({ userErrors }) => userErrors)).toEqual([
    [{ code: "EXCLUSIVITY", path: ["contactId"] }],
    [{ code: "ALREADY_ENROLLED", path: ["contactId"] }],
  ]);
});
