import { CALL_STATUSES, NO_CAUSATION, RECORDED_ACTIVITY_KINDS, type Actor, type CallEnded } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { EPOCH, idOf } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { sourceEventOf } from "./source-events-of.ts";

const [leadId, contactId, user] = [idOf("lead"), idOf("contact"), idOf("user")];
const actor: Actor = { kind: "USER", id: user, label: "Ada" };
const happening = { key: idOf("key"), at: EPOCH, actor, causation: NO_CAUSATION };
const told = { key: idOf("key"), at: EPOCH, causation: NO_CAUSATION, leadId, contactId, object: null, previous: {} };

test("TRG-1: a change is about its object, and tells all of it only when it is new", () => {
  const id = idOf("opportunity");
  const change = changeOf("OPPORTUNITY", "UPDATED", { id, leadId, contactId }, { after: { note: "x" } });
  expect(sourceEventOf("crmChanged", change)).toMatchObject({
    events: ["OPPORTUNITY_UPDATED"],
    opportunityId: id,
    contactId,
    isWhole: false,
    data: { note: "x" },
  });
  const created = changeOf("CONTACT", "CREATED", { id: contactId, leadId });
  expect(sourceEventOf("crmChanged", created)).toMatchObject({ contactId, opportunityId: null, isWhole: true });
  expect(sourceEventOf("crmChanged", changeOf("LEAD", "DELETED", { id: leadId, leadId }))).toBeNull();
});

test.each(RECORDED_ACTIVITY_KINDS)(
  "TRG-1: %s is the event of that name, with the data it was recorded with",
  (kind) => {
    const activity = { ...happening, activityId: idOf("a"), kind, leadId, contactId, data: { form: "demo" } };
    expect(sourceEventOf("activityRecorded", { ...activity, userId: null })).toMatchObject({
      ...told,
      events: [kind],
      data: { form: "demo" },
      user,
    });
    expect(sourceEventOf("activityRecorded", { ...activity, userId: idOf("host") })?.user).toBe(idOf("host"));
  },
);

test("TRG-1: a completed task tells what it was and who completed it", () => {
  const task = { ...happening, taskId: idOf("t"), kind: "TASK" as const, description: "Call", leadId, contactId };
  expect(sourceEventOf("taskCompleted", { ...task, runId: null, completedById: user })).toMatchObject({
    ...told,
    events: ["TASK_COMPLETED"],
    data: { kind: "TASK", description: "Call" },
    user,
  });
});

const message = { ...happening, messageId: idOf("m"), leadId, contactId, replyToRunId: null, holdUntilDate: null };
test("TRG-1: a message that came in is an event of its channel, unless it is an auto-reply or a stranger's", () => {
  const email = { ...message, channel: "EMAIL" as const, subject: "Hello", autoReply: false };
  expect(sourceEventOf("messageReceived", email)).toMatchObject({
    ...told,
    events: ["EMAIL_RECEIVED"],
    data: { channel: "EMAIL", subject: "Hello" },
    user: null,
  });
  expect(sourceEventOf("messageReceived", { ...email, channel: "SMS" })?.events).toEqual(["SMS_RECEIVED"]);
  expect(sourceEventOf("messageReceived", { ...email, autoReply: true })).toBeNull();
  expect(sourceEventOf("messageReceived", { ...email, leadId: null, contactId: null })).toBeNull();
});

test.each(CALL_STATUSES)("TRG-1: a call that ended %s is a completed call only where it was", (status) => {
  const call: CallEnded = {
    ...happening,
    callId: idOf("c"),
    leadId,
    contactId,
    userId: user,
    direction: "INBOUND",
    status,
    outcome: "interested",
    durationSeconds: 61,
  };
  const data = { status, outcome: "interested", direction: "INBOUND", durationSeconds: 61, user };
  const expected = { ...told, events: ["CALL_COMPLETED"], data, user };
  const source = sourceEventOf("callEnded", call);
  if (status === "COMPLETED") expect(source).toMatchObject(expected);
  else expect(source).toBeNull();
  expect(sourceEventOf("callEnded", { ...call, leadId: null })).toBeNull();
});
