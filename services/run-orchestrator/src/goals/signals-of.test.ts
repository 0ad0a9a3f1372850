import { type ActivityRecorded, type CallEnded, type MessageReceived, NO_CAUSATION } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { EPOCH, idOf } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { signalOf } from "./signals-of.ts";

const [lead, contact, run, deal] = ["lead", "contact", "run", "deal"].map(idOf) as [string, string, string, string];
const nobody = { runId: null, contactId: null, leadId: null, opportunityId: null };
const happening = {
  key: idOf("key"),
  at: EPOCH,
  actor: { kind: "USER", id: null, label: "Ada" } as const,
  causation: NO_CAUSATION,
};
const message: MessageReceived = {
  ...happening,
  messageId: idOf("message"),
  channel: "EMAIL",
  leadId: lead,
  contactId: contact,
  replyToRunId: run,
  subject: "Re: Hello",
  autoReply: false,
  holdUntilDate: null,
};
const call: CallEnded = {
  ...happening,
  callId: idOf("call"),
  leadId: lead,
  contactId: contact,
  userId: null,
  direction: "INBOUND",
  status: "COMPLETED",
  outcome: null,
  durationSeconds: 60,
};
const activity: ActivityRecorded = {
  ...happening,
  activityId: idOf("activity"),
  kind: "MEETING_BOOKED",
  leadId: lead,
  contactId: contact,
  userId: null,
  data: {},
};
const says = (code: string, about: object, statusId: string | null = null) => ({
  key: happening.key,
  at: EPOCH,
  about: { ...nobody, ...about },
  goal: { code, statusId },
  untilDate: null,
  afterRunId: null,
});

const messages: [string, Partial<MessageReceived>, object | null][] = [
  ["an email of the recipient", {}, says("EMAIL_REPLY", { runId: run, contactId: contact })],
  ["an email of a stranger in a run's thread", { contactId: null }, says("EMAIL_REPLY", { runId: run })],
  ["an email of the recipient in a new thread", { replyToRunId: null }, says("EMAIL_REPLY", { contactId: contact })],
  ["an email of a stranger", { contactId: null, replyToRunId: null }, null],
  ["an SMS of the recipient", { channel: "SMS" }, says("SMS_REPLY", { contactId: contact })],
  ["an SMS of a stranger", { channel: "SMS", contactId: null }, null],
];
test.each(messages)("GOAL-1: %s", (_, overrides, expected) => {
  expect(signalOf("messageReceived", { ...message, ...overrides })).toEqual(expected);
});

test("GOAL-2: an auto-reply is no reply; with a date it holds the same runs", () => {
  expect(signalOf("messageReceived", { ...message, autoReply: true })).toBeNull();
  expect(signalOf("messageReceived", { ...message, autoReply: true, holdUntilDate: "2026-01-12" })).toEqual({
    ...says("", { runId: run, contactId: contact }),
    goal: null,
    untilDate: "2026-01-12",
  });
});

const calls: [string, Partial<CallEnded>, object | null][] = [
  ["a call that the contact made and somebody took", {}, says("CALL_ANSWERED", { contactId: contact })],
  ["an outbound call, however it went", { direction: "OUTBOUND" }, null],
  ["a call that nobody took", { status: "NO_ANSWER" }, null],
  ["a call that was given up", { status: "CANCELED" }, null],
  ["a stranger's call", { contactId: null }, null],
];
test.each(calls)("GOAL-1: %s", (_, overrides, expected) => {
  expect(signalOf("callEnded", { ...call, ...overrides })).toEqual(expected);
});

const activities: [string, Partial<ActivityRecorded>, object | null][] = [
  ["a meeting with a contact", {}, says("MEETING_BOOKED", { contactId: contact })],
  ["a meeting with nobody named is the whole lead's", { contactId: null }, says("MEETING_BOOKED", { leadId: lead })],
  ["a meeting's outcome", { kind: "MEETING_OUTCOME_SET" }, null],
  ["a form", { kind: "FORM_SUBMITTED" }, null],
  ["a custom activity", { kind: "CUSTOM_ACTIVITY_PUBLISHED" }, null],
];
test.each(activities)("GOAL-1: %s", (_, overrides, expected) => {
  expect(signalOf("activityRecorded", { ...activity, ...overrides })).toEqual(expected);
});

const status = { before: { status: "new" }, after: { status: "won" } };
const ofLead = { id: lead, leadId: lead };
const ofDeal = { id: deal, leadId: lead, contactId: contact };
const reached = says("OPPORTUNITY_STATUS_REACHED", { leadId: lead, opportunityId: deal }, "won");
test.each([
  [
    "a lead's new status",
    changeOf("LEAD", "UPDATED", ofLead, status),
    says("LEAD_STATUS_REACHED", { leadId: lead }, "won"),
  ],
  ["a lead that is made in a status has no run", changeOf("LEAD", "CREATED", ofLead, status), null],
  ["a lead's new name", changeOf("LEAD", "UPDATED", ofLead, { after: { name: "won" } }), null],
  ["a deleted lead", changeOf("LEAD", "DELETED", ofLead, { after: { status: null } }), null],
  ["an opportunity's new status", changeOf("OPPORTUNITY", "UPDATED", ofDeal, status), reached],
  ["an opportunity made in a status", changeOf("OPPORTUNITY", "CREATED", ofDeal, status), reached],
  ["an opportunity's new value", changeOf("OPPORTUNITY", "UPDATED", ofDeal, { after: { value: null } }), null],
  ["a deleted opportunity", changeOf("OPPORTUNITY", "DELETED", ofDeal, { before: { status: "won" } }), null],
])("GOAL-1: %s", (_, change, expected) => {
  const told = { ...change, key: happening.key, at: EPOCH };
  expect(signalOf("crmChanged", told)).toEqual(expected);
});
