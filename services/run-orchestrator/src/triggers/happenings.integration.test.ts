import {
  type ActivityRecorded,
  type Actor,
  type CallEnded,
  type Condition,
  type MessageReceived,
  NO_CAUSATION,
  type TaskCompleted,
  type TriggerEvent,
} from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartRefusal } from "../refusals/refusal-store.ts";
import { definition, task } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const id = (): string => newId(realClock.now());
const actor: Actor = { kind: "API_KEY", id: id(), label: "Website" };
const happening = () => ({ key: id(), at: realClock.now(), actor, causation: NO_CAUSATION });
const put = (event: TriggerEvent, conditions: Condition | null = null, overrides = {}) =>
  house.definitions.put(
    definition([task("call back")], {
      organizationId: house.organizationId,
      workflowId: id(),
      trigger: { event, conditions, stalledDays: null },
      ...overrides,
    }),
  );
const runsOf = (workflowId: string) => house.runs.tenant.find(house.scope, { workflowId });
const refusalsOf = (workflowId: string) =>
  house.database.system<StartRefusal>("startRefusals", "The test looks.").find({ workflowId }).toArray();
const equals = (path: string, value: unknown): Condition => ({ test: { path, op: "EQUALS", value } });

type Subject = { leadId: string; contactId: string | null };
const activity = (rest: Subject & Partial<ActivityRecorded>): ActivityRecorded => {
  return { ...happening(), activityId: id(), kind: "FORM_SUBMITTED", userId: null, data: {}, ...rest };
};
const call = (rest: Subject & Partial<CallEnded>): CallEnded => {
  const own = { callId: id(), userId: null, direction: "INBOUND", status: "COMPLETED", outcome: null } as const;
  return { ...happening(), ...own, durationSeconds: 10, ...rest };
};
const message = (rest: Subject & Partial<MessageReceived>): MessageReceived => {
  const own = { messageId: id(), channel: "EMAIL", replyToRunId: null, subject: "Hi", autoReply: false } as const;
  return { ...happening(), ...own, holdUntilDate: null, ...rest };
};
const completed = (rest: Subject & Partial<TaskCompleted>): TaskCompleted => {
  const own = { taskId: id(), kind: "TASK", description: "x", runId: null, completedById: null } as const;
  return { ...happening(), ...own, ...rest };
};

test("TRG-1, TRG-3, ENR-4: each kind of happening starts its workflows once for its own contact, however often it is told", async () => {
  const reentry = { mode: "AFTER_END" as const, minimumDaysSinceLastStart: 0 };
  const places = [{ stepId: id(), step: null }];
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Acme", 2);
  const subject = { leadId, contactId: contactIds[1]! };
  const waiting = (
    [
      "FORM_SUBMITTED",
      "MEETING_BOOKED",
      "MEETING_OUTCOME_SET",
      "CUSTOM_ACTIVITY_PUBLISHED",
      "CALL_COMPLETED",
      "EMAIL_RECEIVED",
      "SMS_RECEIVED",
      "TASK_COMPLETED",
    ] as const
  ).map((event) => ({ event, workflow: put(event, equals("contact.name", "Acme 1"), { reentry, places }) }));
  const activities = (
    ["FORM_SUBMITTED", "MEETING_BOOKED", "MEETING_OUTCOME_SET", "CUSTOM_ACTIVITY_PUBLISHED"] as const
  ).map((kind) => activity({ ...subject, kind }));
  const calls = [call(subject), call({ ...subject, status: "NO_ANSWER" })];
  const messages = [
    message(subject),
    message({ ...subject, channel: "SMS", subject: null }),
    message({ ...subject, autoReply: true }),
  ];
  const tasks = [completed(subject)];
  const tell = () =>
    Promise.all([
      house.publish("activityRecorded", activities),
      house.publish("activityRecorded", activities.toReversed()),
      house.publish("callEnded", calls),
      house.publish("messageReceived", messages),
      house.publish("taskCompleted", [...tasks, ...tasks]),
    ]);
  await tell();
  await eventually(async () => {
    for (const { workflow } of waiting) expect(await runsOf(workflow.workflowId)).toHaveLength(1);
  });
  await tell();
  const marker = put("TASK_COMPLETED", equals("event.data.description", "marker"));
  await house.publish("taskCompleted", [completed({ ...subject, description: "marker" })]);
  await eventually(async () => expect(await runsOf(marker.workflowId)).toHaveLength(1));
  for (const { event, workflow } of waiting) {
    const expected = { contactId: subject.contactId, status: "FINISHED", opportunityId: null, event: { kind: event } };
    // The marker itself is a completed task.
    const times = event === "TASK_COMPLETED" ? [expected, expected] : [expected];
    expect(await runsOf(workflow.workflowId)).toMatchObject(times);
    expect(await refusalsOf(workflow.workflowId)).toEqual([]);
  }
});

test("TRG-2: conditions see a happening's data; without a contact of its own the primary one is addressed", async () => {
  const booked = put("FORM_SUBMITTED", {
    all: [
      { test: { path: "event.data.answers.size", op: "GREATER_THAN", value: 10 } },
      { test: { path: "event.data.tags", op: "CONTAINS", value: "new" } },
      equals("contact.name", "Acme 0"),
    ],
  });
  const long = put("CALL_COMPLETED", {
    all: [
      equals("event.data.outcome", "interested"),
      equals("event.data.direction", "INBOUND"),
      { test: { path: "event.data.durationSeconds", op: "GREATER_THAN", value: 60 } },
    ],
  });
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Acme", 2);
  const subject = { leadId, contactId: null };
  await house.publish("activityRecorded", [
    activity({ ...subject, data: { answers: { size: 10 }, tags: ["new"] } }),
    activity({ ...subject, data: { answers: { size: 11 }, tags: ["old"] } }),
    activity({ ...subject, data: { answers: { size: 11 }, tags: ["new"] } }),
  ]);
  await house.publish("callEnded", [
    call({ ...subject, outcome: "interested", durationSeconds: 60 }),
    call({ ...subject, outcome: "interested", durationSeconds: 61 }),
  ]);
  await eventually(async () => {
    expect(await runsOf(booked.workflowId)).toMatchObject([
      { contactId: contactIds[0], event: { data: { answers: { size: 11 }, tags: ["new"] } } },
    ]);
    expect(await runsOf(long.workflowId)).toMatchObject([{ event: { data: { durationSeconds: 61 } } }]);
  });
});

test("TRG-5: what was deleted or merged before the start is told, and nobody else is addressed in its place", async () => {
  const { workflowId } = put("FORM_SUBMITTED", equals("event.data.form", "gone"));
  const one = house.crm.addLead(house.organizationId, "One", 2);
  const two = house.crm.addLead(house.organizationId, "Two", 1);
  house.crm.leads.delete(two.leadId);
  const merged = house.crm.contacts.get(two.contactIds[0]!)!;
  house.crm.contacts.set(merged.id, { ...merged, leadId: one.leadId });
  const data = { form: "gone" };
  await house.publish("activityRecorded", [
    activity({ leadId: one.leadId, contactId: id(), data }),
    activity({ leadId: two.leadId, contactId: merged.id, data }),
    activity({ leadId: one.leadId, contactId: null, data }),
  ]);
  await eventually(async () => expect(await runsOf(workflowId)).toMatchObject([{ contactId: one.contactIds[0] }]));
  const refusals = await refusalsOf(workflowId);
  expect(refusals).toHaveLength(2);
  expect(new Map(refusals.map(({ leadId, reason }) => [leadId, reason.code]))).toEqual(
    new Map([
      [one.leadId, "NOT_FOUND"],
      [two.leadId, "NOT_FOUND"],
    ]),
  );
});

test("TRG-3: an event that comes again when its lead has another primary contact is the same start", async () => {
  const { workflowId } = put("LEAD_UPDATED", { test: { path: "event.data.url", op: "CHANGED" } });
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Acme", 2);
  const change = changeOf(
    "LEAD",
    "UPDATED",
    { id: leadId, leadId },
    { before: { url: null }, after: { url: "https://a.example" } },
  );
  const lead = house.crm.leads.get(leadId)!;
  house.crm.leads.set(leadId, { ...lead, url: "https://a.example" });
  await house.tell([change]);
  await eventually(async () => expect(await runsOf(workflowId)).toHaveLength(1));
  house.crm.leads.set(leadId, { ...lead, url: "https://a.example", contactIds: contactIds.toReversed() });
  await house.tell([change]);
  const marker = put("LEAD_UPDATED", equals("event.data.description", "marker"));
  house.crm.leads.set(leadId, { ...lead, description: "marker" });
  await house.tell([changeOf("LEAD", "UPDATED", { id: leadId, leadId }, { after: { description: "marker" } })]);
  await eventually(async () => expect(await runsOf(marker.workflowId)).toHaveLength(1));
  expect(await runsOf(workflowId)).toMatchObject([{ contactId: contactIds[0] }]);
  expect(await refusalsOf(workflowId)).toEqual([]);
  expect(await deadLetters()).toBe(0);
});

test("TRG-2: neither a state that is over nor one that came later starts a run", async () => {
  const hot = put("LEAD_UPDATED", equals("lead.status", "hot"));
  const { leadId } = house.crm.addLead(house.organizationId, "Acme");
  const lead = house.crm.leads.get(leadId)!;
  /** The lead is in one status, and events tell of others; the last of them is handled when this is done. */
  const become = async (now: string, ...told: string[]) => {
    house.crm.leads.set(leadId, { ...lead, status: { id: now, name: now } });
    const marker = put("LEAD_UPDATED", equals("event.data.status", told.at(-1)));
    await house.tell(told.map((status) => changeOf("LEAD", "UPDATED", { id: leadId, leadId }, { after: { status } })));
    await eventually(async () => expect(await runsOf(marker.workflowId)).toHaveLength(1));
  };
  await become("cold", "hot", "cold");
  await become("hot", "warm");
  expect(await runsOf(hot.workflowId)).toEqual([]);
  await become("hot", "hot");
  expect(await runsOf(hot.workflowId)).toHaveLength(1);
});

const deadLetters = () => house.database.system("deadLetters", "The test looks at what failed.").countDocuments({});
