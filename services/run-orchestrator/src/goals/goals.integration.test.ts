import type { ItemOf } from "@cadenza/contracts";
import { consume, type Consumer } from "@cadenza/messaging";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { email } from "../runs/definition-builder.ts";
import type { Run } from "../runs/model.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { callOf, goalWorld, meetingOf, replyOf, statusOf, waiting } from "../testing/goal-world.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
let world: ReturnType<typeof goalWorld>;
let mail: Consumer;
/** What communications is asked, by run. */
const asked: { kind: string; runId: string; key: string }[] = [];
beforeAll(async () => {
  house = await startHouse();
  world = goalWorld(house);
  mail = await consume({
    committer: house.committer,
    durable: "mail",
    kinds: ["prepareEmail", "withdrawMessage"],
    handle: async (envelopes) => {
      for (const { kind, items } of envelopes) for (const { runId, key } of items) asked.push({ kind, runId, key });
    },
  });
});
afterAll(async () => {
  await mail.stop();
  await house[Symbol.asyncDispose]();
});

const id = (): string => newId(realClock.now());
const codesOf = async (runs: readonly Run[]) =>
  (
    await house.runs.tenant.findByIds(
      house.scope,
      runs.map(({ _id }) => _id),
    )
  ).map((run) => run!.reason?.code ?? run!.status);
/** Waits until everything told before has been heard. */
async function heard(): Promise<void> {
  const [marker] = await world.start(world.workflow({ smsReply: true }), world.lead());
  await world.tell("messageReceived", replyOf({ channel: "SMS", contactId: marker!.contactId }));
  await eventually(async () => expect(await world.runOf(marker!)).toMatchObject({ status: "GOAL_MET" }));
  const { bus } = house.committer;
  await eventually(async () => {
    for (const [stream, durable] of [
      ["EVENTS", "goals"],
      ["COMMANDS", "signal-runs"],
    ] as const) {
      const consumer = await bus.manager.consumers.info(bus.named(stream), bus.named(`run-orchestrator-${durable}`));
      expect(consumer).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
    }
  });
}

test("GOAL-1: each signal ends the runs that it concerns, of workflows that have the goal, and no others", async () => {
  const goals = {
    emailReply: true,
    callAnswered: true,
    meetingBooked: true,
    leadStatusIds: ["won"],
    opportunityStatusIds: ["sold"],
  };
  const [on, off] = [world.workflow(goals), world.workflow({ markedAsResponded: true })];
  const make = async () => {
    const people = world.lead(2);
    return { people, own: await world.start(on, people), others: await world.start(off, people) };
  };
  const [replied, thread, rang, dialled, met, metAll, won, sold] = await Promise.all(Array.from({ length: 8 }, make));
  const [deal, other] = [id(), id()];
  const people = world.lead(3);
  const deals = await world.start(
    on,
    people.map((subject, i) => ({ ...subject, ...[{}, { opportunityId: deal }, { opportunityId: other }][i] })),
  );
  await world.tell(
    "messageReceived",
    replyOf({ contactId: replied!.people[0]!.contactId }),
    replyOf({ replyToRunId: thread!.own[1]!._id }),
  );
  await world.tell(
    "callEnded",
    callOf(rang!.people[0]!.contactId, "INBOUND"),
    callOf(dialled!.people[0]!.contactId, "OUTBOUND"),
  );
  await world.tell(
    "activityRecorded",
    meetingOf(met!.people[0]!.leadId, met!.people[1]!.contactId),
    meetingOf(metAll!.people[0]!.leadId, null),
  );
  await world.tell(
    "crmChanged",
    statusOf("LEAD", { id: won!.people[0]!.leadId, leadId: won!.people[0]!.leadId }, "won"),
    statusOf("LEAD", { id: sold!.people[0]!.leadId, leadId: sold!.people[0]!.leadId }, "sold"),
    statusOf("OPPORTUNITY", { id: deal, leadId: people[0]!.leadId }, "sold"),
  );
  await heard();
  expect(await codesOf(replied!.own)).toEqual(["EMAIL_REPLY", "ACTIVE"]);
  expect(await codesOf(thread!.own)).toEqual(["ACTIVE", "EMAIL_REPLY"]);
  expect(await codesOf(rang!.own)).toEqual(["CALL_ANSWERED", "ACTIVE"]);
  expect(await codesOf(dialled!.own)).toEqual(["ACTIVE", "ACTIVE"]);
  expect(await codesOf(met!.own)).toEqual(["ACTIVE", "MEETING_BOOKED"]);
  expect(await codesOf(metAll!.own)).toEqual(["MEETING_BOOKED", "MEETING_BOOKED"]);
  expect(await codesOf(won!.own)).toEqual(["LEAD_STATUS_REACHED", "LEAD_STATUS_REACHED"]);
  expect(await codesOf(sold!.own)).toEqual(["ACTIVE", "ACTIVE"]);
  expect(await codesOf(deals)).toEqual(["OPPORTUNITY_STATUS_REACHED", "OPPORTUNITY_STATUS_REACHED", "ACTIVE"]);
  for (const { others } of [replied!, thread!, rang!, met!, metAll!, won!])
    expect(await codesOf(others)).toEqual(["ACTIVE", "ACTIVE"]);
});

test("GOAL-1: a signal told again, late, or before what it comes after ends each run once", async () => {
  const workflow = world.workflow({ emailReply: true, leadStatusIds: ["won"] });
  const early = realClock.now();
  const [person] = world.lead();
  const [run] = await world.start(workflow, [person!]);
  const before = replyOf({ contactId: person!.contactId }, new Date(early.getTime() - 1));
  await world.tell("messageReceived", before);
  await heard();
  expect(await codesOf([run!])).toEqual(["ACTIVE"]);

  // The run starts, the contact replies, and only then is the reply heard: with a later run of the same contact there.
  const late = replyOf({ contactId: person!.contactId }, run!.startedAt);
  const [next] = await world.start(world.workflow({ emailReply: true }), [person!]);
  await house.committer.commit(async ({ session }) => {
    await house.runs.tenant.updateOne(
      house.scope,
      { _id: next!._id },
      { $set: { startedAt: new Date(run!.startedAt.getTime() + 1) } },
      session,
    );
  });
  await world.tell("messageReceived", late, before);
  await world.tell("messageReceived", late);
  await world.tell("crmChanged", statusOf("LEAD", { id: person!.leadId, leadId: person!.leadId }, "won"));
  await heard();
  expect(await codesOf([run!, next!])).toEqual(["EMAIL_REPLY", "ACTIVE"]);
  const { transitions, version } = await world.runOf(run!);
  expect(transitions.map(({ to, actor }) => [to, actor.kind, actor.id])).toEqual([
    ["ACTIVE", "USER", null],
    ["GOAL_MET", "GOAL", late.key],
  ]);
  expect(version).toBe(run!.version + 1);
});

test("GOAL-1: a signal for more runs than a transaction holds reaches each once", async () => {
  const [on, off] = [world.workflow({ meetingBooked: true }), world.workflow({})];
  const people = world.lead(450);
  const lots = [people.slice(0, 150), people.slice(150, 300), people.slice(300)];
  const [own, others] = await Promise.all(
    [on, off].map(async (workflow) => (await Promise.all(lots.map((lot) => world.start(workflow, lot)))).flat()),
  );
  await world.tell("activityRecorded", meetingOf(people[0]!.leadId, null));
  await eventually(async () => expect(new Set(await codesOf(own!))).toEqual(new Set(["MEETING_BOOKED"])));
  await heard();
  expect(new Set(await codesOf(others!))).toEqual(new Set(["ACTIVE"]));
  const ended = await house.runs.tenant.find(house.scope, { workflowId: on.workflowId });
  for (const { version, transitions } of ended) expect([version, transitions.length]).toEqual([2, 2]);
});

test("GOAL-2: an auto-reply ends nothing; one that states a date holds the next email until then", async () => {
  const workflow = world.workflow({ emailReply: true }, [email("mail", { delay: { amount: 1, unit: "DAY" } })]);
  const [plain, dated] = await world.start(workflow, world.lead(2));
  const until = new Date(realClock.now().getTime() + 9 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  await world.tell(
    "messageReceived",
    replyOf({ contactId: plain!.contactId, autoReply: true }),
    replyOf({ contactId: dated!.contactId, autoReply: true, holdUntilDate: until }),
    replyOf({ replyToRunId: dated!._id, autoReply: true }),
  );
  await heard();
  expect([(await world.runOf(plain!)).holdUntilDate, (await world.runOf(dated!)).holdUntilDate]).toEqual([null, until]);
  expect(await codesOf([plain!, dated!])).toEqual(["ACTIVE", "ACTIVE"]);
});

/** A run whose email stands in the queue. */
async function queued(): Promise<{ run: Run; result: ItemOf<"communicationsStepEnded"> }> {
  const [run] = await world.start(world.workflow({ emailReply: true }, [email("mail"), ...waiting()]), world.lead());
  const [{ stepId }] = run!.executions as [Run["executions"][number]];
  const key = `${run!._id}:${stepId}:1`;
  const effect = { messageId: id(), taskId: null, changes: null, reason: null };
  const result = {
    key,
    runId: run!._id,
    stepId,
    attempt: 1,
    outcome: "WAITING",
    ...effect,
    at: realClock.now(),
  } as const;
  await world.tell("communicationsStepEnded", result);
  await eventually(async () => expect(await world.runOf(run!)).toMatchObject({ executions: [{ status: "WAITING" }] }));
  return { run: run!, result };
}
const fateOf = async (run: Run) => {
  const { status: shown, executions } = await world.runOf(run);
  return [shown, ...executions.map((execution) => `${execution.status} ${execution.reason?.code}`)];
};

test("GOAL-5: a goal that lands while a message is queued withdraws it with the run's end", async () => {
  const { run, result } = await queued();
  const received = replyOf({ replyToRunId: run._id });
  await world.tell("messageReceived", received, received);
  await eventually(async () => expect(await fateOf(run)).toEqual(["GOAL_MET", "CANCELED EMAIL_REPLY"]));
  const withdrawal = { kind: "withdrawMessage", runId: run._id, key: `${result.key}:withdraw` };
  await eventually(() => expect(asked).toContainEqual(withdrawal));
  await world.tell("communicationsStepEnded", { ...result, outcome: "CANCELED" });
  await heard();
  expect(await fateOf(run)).toEqual(["GOAL_MET", "CANCELED EMAIL_REPLY"]);
  expect(asked.filter(({ runId }) => runId === run._id).map(({ kind }) => kind)).toEqual([
    "prepareEmail",
    "withdrawMessage",
  ]);
  expect((await world.runOf(run)).respondedAt).not.toBeNull();
});

test("GOAL-5: a message that the provider had accepted shows as done in the run that the goal ended", async () => {
  const { run, result } = await queued();
  await world.tell("messageReceived", replyOf({ contactId: run.contactId }));
  await eventually(async () => expect((await fateOf(run))[0]).toBe("GOAL_MET"));
  await world.tell("communicationsStepEnded", { ...result, outcome: "DONE" });
  await eventually(async () => expect(await fateOf(run)).toEqual(["GOAL_MET", "DONE undefined"]));
});

test("GOAL-5: a goal ends a paused and a failed run too", async () => {
  const [{ run: paused }, { run: failed, result }] = [await queued(), await queued()];
  const actor = { kind: "USER", id: null, label: "Ada" } as const;
  await house.first.engine.apply(house.scope, [paused._id], { kind: "pause", actor });
  const reason = { code: "SENDER_UNRESOLVED", message: "No sender." };
  await world.tell("communicationsStepEnded", { ...result, outcome: "ERROR", reason });
  await eventually(async () => expect((await fateOf(failed))[0]).toBe("ERROR"));
  await world.tell("messageReceived", replyOf({ replyToRunId: paused._id }), replyOf({ replyToRunId: failed._id }));
  await eventually(async () => expect((await fateOf(paused))[0]).toBe("GOAL_MET"));
  await eventually(async () => expect((await fateOf(failed))[0]).toBe("GOAL_MET"));
});

test("RUN-9, GOAL-1: a reply of a contact that was merged meanwhile ends the run that the surviving one has now", async () => {
  const [[source], [into]] = [world.lead(), world.lead()];
  const [run] = await world.start(world.workflow({ emailReply: true }), [source!]);
  const mergedInto = { id: into!.contactId, leadId: into!.leadId };
  const ids = { id: source!.contactId, leadId: source!.leadId };
  await world.tell("crmChanged", changeOf("CONTACT", "DELETED", ids, { mergedInto }));
  await eventually(async () => expect(await world.runOf(run!)).toMatchObject({ contactId: into!.contactId }));
  await world.tell("messageReceived", replyOf({ contactId: source!.contactId }));
  await eventually(async () => expect(await codesOf([run!])).toEqual(["EMAIL_REPLY"]));
});

test("API-3: an event of one organization ends no run of another", async () => {
  const [run] = await world.start(world.workflow({ emailReply: true }), world.lead());
  const items = [replyOf({ replyToRunId: run!._id, contactId: run!.contactId })];
  await house.committer.commit(async (unit) => unit.tell({ kind: "messageReceived", organizationId: id(), items }));
  await heard();
  expect(await codesOf([run!])).toEqual(["ACTIVE"]);
});
