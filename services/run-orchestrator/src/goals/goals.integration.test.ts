import {
  type CrmChange,
  type Definition,
  type Goals,
  type ItemOf,
  type MessageKind,
  NO_CAUSATION,
} from "@cadenza/contracts";
import { consume, type Consumer } from "@cadenza/messaging";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, email, NO_GOALS, task } from "../runs/definition-builder.ts";
import type { Run } from "../runs/model.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
let mail: Consumer;
/** What communications is asked, by run. */
const asked: { kind: string; runId: string; key: string }[] = [];
beforeAll(async () => {
  house = await startHouse();
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

const id = (at = realClock.now()): string => newId(at);
const steps = () => [task("later", { delay: { amount: 3, unit: "DAY" } })];
const put = (goals: Partial<Goals>, own = steps() as Parameters<typeof definition>[0]): Definition =>
  house.definitions.put(
    definition(own, { organizationId: house.organizationId, workflowId: id(), goals: { ...NO_GOALS, ...goals } }),
  );
const start = async (workflow: Definition, subjects: { leadId: string; contactId: string; opportunityId?: string }[]) =>
  house.committer.commit((unit) =>
    house.first.engine.startRuns(
      unit,
      subjects.map((subject) => ({
        id: id(),
        organizationId: house.organizationId,
        workflowId: workflow.workflowId,
        opportunityId: null,
        ordinal: 1,
        startedBy: { kind: "USER", id: null, label: "Ada" },
        enrollingUserId: null,
        event: null,
        depth: 0,
        chosenAccountIds: [],
        ...subject,
      })),
      workflow,
    ),
  );
const lead = (contacts = 1) => {
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Lead", contacts);
  return contactIds.map((contactId) => ({ leadId, contactId }));
};
const tell = <K extends MessageKind>(kind: K, ...items: ItemOf<K>[]): Promise<void> =>
  house.committer.commit(async (unit) => unit.tell({ kind, organizationId: house.organizationId, items }));
const happening = (at = realClock.now()) => ({
  key: id(at),
  at,
  actor: { kind: "SYSTEM", id: null, label: "Mail" } as const,
  causation: NO_CAUSATION,
});
const reply = (about: Partial<ItemOf<"messageReceived">>, at?: Date): ItemOf<"messageReceived"> => ({
  ...happening(at),
  messageId: id(),
  channel: "EMAIL",
  leadId: null,
  contactId: null,
  replyToRunId: null,
  subject: null,
  autoReply: false,
  holdUntilDate: null,
  ...about,
});
const call = (contactId: string, direction: "INBOUND" | "OUTBOUND"): ItemOf<"callEnded"> => ({
  ...happening(),
  ...{ callId: id(), leadId: null, contactId, userId: null, direction, status: "COMPLETED" },
  ...{ outcome: null, durationSeconds: 5 },
});
const meeting = (leadId: string, contactId: string | null): ItemOf<"activityRecorded"> => ({
  ...happening(),
  ...{ activityId: id(), kind: "MEETING_BOOKED", leadId, contactId, userId: null, data: {} },
});
const status = (object: CrmChange["object"], ids: { id: string; leadId: string }, statusId: string): CrmChange =>
  changeOf(object, "UPDATED", ids, { before: { status: "new" }, after: { status: statusId } });
const runOf = async ({ _id }: Pick<Run, "_id">): Promise<Run> =>
  (await house.runs.tenant.findOne(house.scope, { _id }))!;
const codesOf = async (runs: readonly Run[]) =>
  (
    await house.runs.tenant.findByIds(
      house.scope,
      runs.map(({ _id }) => _id),
    )
  ).map((run) => run!.reason?.code ?? run!.status);
/** Waits until everything told before has been heard. */
async function heard(): Promise<void> {
  const [marker] = await start(put({ smsReply: true }), lead());
  await tell("messageReceived", reply({ channel: "SMS", contactId: marker!.contactId }));
  await eventually(async () => expect(await runOf(marker!)).toMatchObject({ status: "GOAL_MET" }));
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
  const [on, off] = [put(goals), put({ markedAsResponded: true })];
  const make = async () => {
    const people = lead(2);
    return { people, own: await start(on, people), others: await start(off, people) };
  };
  const [replied, thread, rang, dialled, met, metAll, won, sold] = await Promise.all(Array.from({ length: 8 }, make));
  const [deal, other] = [id(), id()];
  const people = lead(3);
  const deals = await start(
    on,
    people.map((subject, i) => ({ ...subject, ...[{}, { opportunityId: deal }, { opportunityId: other }][i] })),
  );
  await tell(
    "messageReceived",
    reply({ contactId: replied!.people[0]!.contactId }),
    reply({ replyToRunId: thread!.own[1]!._id }),
  );
  await tell("callEnded", call(rang!.people[0]!.contactId, "INBOUND"), call(dialled!.people[0]!.contactId, "OUTBOUND"));
  await tell(
    "activityRecorded",
    meeting(met!.people[0]!.leadId, met!.people[1]!.contactId),
    meeting(metAll!.people[0]!.leadId, null),
  );
  await tell(
    "crmChanged",
    status("LEAD", { id: won!.people[0]!.leadId, leadId: won!.people[0]!.leadId }, "won"),
    status("LEAD", { id: sold!.people[0]!.leadId, leadId: sold!.people[0]!.leadId }, "sold"),
    status("OPPORTUNITY", { id: deal, leadId: people[0]!.leadId }, "sold"),
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
  const workflow = put({ emailReply: true, leadStatusIds: ["won"] });
  const early = realClock.now();
  const [person] = lead();
  const [run] = await start(workflow, [person!]);
  const before = reply({ contactId: person!.contactId }, new Date(early.getTime() - 1));
  await tell("messageReceived", before);
  await heard();
  expect(await codesOf([run!])).toEqual(["ACTIVE"]);

  // The run starts, the contact replies, and only then is the reply heard: with a later run of the same contact there.
  const late = reply({ contactId: person!.contactId }, run!.startedAt);
  const [next] = await start(put({ emailReply: true }), [person!]);
  await house.committer.commit(async ({ session }) => {
    await house.runs.tenant.updateOne(
      house.scope,
      { _id: next!._id },
      { $set: { startedAt: new Date(run!.startedAt.getTime() + 1) } },
      session,
    );
  });
  await tell("messageReceived", late, before);
  await tell("messageReceived", late);
  await tell("crmChanged", status("LEAD", { id: person!.leadId, leadId: person!.leadId }, "won"));
  await heard();
  expect(await codesOf([run!, next!])).toEqual(["EMAIL_REPLY", "ACTIVE"]);
  const { transitions, version } = await runOf(run!);
  expect(transitions.map(({ to, actor }) => [to, actor.kind, actor.id])).toEqual([
    ["ACTIVE", "USER", null],
    ["GOAL_MET", "GOAL", late.key],
  ]);
  expect(version).toBe(run!.version + 1);
});

test("GOAL-1: a signal for more runs than a transaction holds reaches each once", async () => {
  const [on, off] = [put({ meetingBooked: true }), put({})];
  const people = lead(450);
  const lots = [people.slice(0, 150), people.slice(150, 300), people.slice(300)];
  const [own, others] = await Promise.all(
    [on, off].map(async (workflow) => (await Promise.all(lots.map((lot) => start(workflow, lot)))).flat()),
  );
  await tell("activityRecorded", meeting(people[0]!.leadId, null));
  await eventually(async () => expect(new Set(await codesOf(own!))).toEqual(new Set(["MEETING_BOOKED"])));
  await heard();
  expect(new Set(await codesOf(others!))).toEqual(new Set(["ACTIVE"]));
  const ended = await house.runs.tenant.find(house.scope, { workflowId: on.workflowId });
  for (const { version, transitions } of ended) expect([version, transitions.length]).toEqual([2, 2]);
});

test("GOAL-2: an auto-reply ends nothing; one that states a date holds the next email until then", async () => {
  const workflow = put({ emailReply: true }, [email("mail", { delay: { amount: 1, unit: "DAY" } })]);
  const [plain, dated] = await start(workflow, lead(2));
  const until = new Date(realClock.now().getTime() + 9 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  await tell(
    "messageReceived",
    reply({ contactId: plain!.contactId, autoReply: true }),
    reply({ contactId: dated!.contactId, autoReply: true, holdUntilDate: until }),
    reply({ replyToRunId: dated!._id, autoReply: true }),
  );
  await heard();
  expect([(await runOf(plain!)).holdUntilDate, (await runOf(dated!)).holdUntilDate]).toEqual([null, until]);
  expect(await codesOf([plain!, dated!])).toEqual(["ACTIVE", "ACTIVE"]);
});

/** A run whose email stands in the queue. */
async function queued(): Promise<{ run: Run; result: ItemOf<"communicationsStepEnded"> }> {
  const [run] = await start(put({ emailReply: true }, [email("mail"), ...steps()]), lead());
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
  await tell("communicationsStepEnded", result);
  await eventually(async () => expect(await runOf(run!)).toMatchObject({ executions: [{ status: "WAITING" }] }));
  return { run: run!, result };
}
const fateOf = async (run: Run) => {
  const { status: shown, executions } = await runOf(run);
  return [shown, ...executions.map((execution) => `${execution.status} ${execution.reason?.code}`)];
};

test("GOAL-5: a goal that lands while a message is queued withdraws it with the run's end", async () => {
  const { run, result } = await queued();
  const received = reply({ replyToRunId: run._id });
  await tell("messageReceived", received, received);
  await eventually(async () => expect(await fateOf(run)).toEqual(["GOAL_MET", "CANCELED EMAIL_REPLY"]));
  const withdrawal = { kind: "withdrawMessage", runId: run._id, key: `${result.key}:withdraw` };
  await eventually(() => expect(asked).toContainEqual(withdrawal));
  await tell("communicationsStepEnded", { ...result, outcome: "CANCELED" });
  await heard();
  expect(await fateOf(run)).toEqual(["GOAL_MET", "CANCELED EMAIL_REPLY"]);
  expect(asked.filter(({ runId }) => runId === run._id).map(({ kind }) => kind)).toEqual([
    "prepareEmail",
    "withdrawMessage",
  ]);
  expect((await runOf(run)).respondedAt).not.toBeNull();
});

test("GOAL-5: a message that the provider had accepted shows as done in the run that the goal ended", async () => {
  const { run, result } = await queued();
  await tell("messageReceived", reply({ contactId: run.contactId }));
  await eventually(async () => expect((await fateOf(run))[0]).toBe("GOAL_MET"));
  await tell("communicationsStepEnded", { ...result, outcome: "DONE" });
  await eventually(async () => expect(await fateOf(run)).toEqual(["GOAL_MET", "DONE undefined"]));
});

test("GOAL-5: a goal ends a paused and a failed run too", async () => {
  const [{ run: paused }, { run: failed, result }] = [await queued(), await queued()];
  const actor = { kind: "USER", id: null, label: "Ada" } as const;
  await house.first.engine.apply(house.scope, [paused._id], { kind: "pause", actor });
  const reason = { code: "SENDER_UNRESOLVED", message: "No sender." };
  await tell("communicationsStepEnded", { ...result, outcome: "ERROR", reason });
  await eventually(async () => expect((await fateOf(failed))[0]).toBe("ERROR"));
  await tell("messageReceived", reply({ replyToRunId: paused._id }), reply({ replyToRunId: failed._id }));
  await eventually(async () => expect((await fateOf(paused))[0]).toBe("GOAL_MET"));
  await eventually(async () => expect((await fateOf(failed))[0]).toBe("GOAL_MET"));
});

test("API-3: an event of one organization ends no run of another", async () => {
  const [run] = await start(put({ emailReply: true }), lead());
  const items = [reply({ replyToRunId: run!._id, contactId: run!.contactId })];
  await house.committer.commit(async (unit) => unit.tell({ kind: "messageReceived", organizationId: id(), items }));
  await heard();
  expect(await codesOf([run!])).toEqual(["ACTIVE"]);
});
