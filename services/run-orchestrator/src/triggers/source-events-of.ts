import type {
  ActivityRecorded,
  Actor,
  CallEnded,
  CrmChange,
  ItemOf,
  MessageReceived,
  TaskCompleted,
} from "@cadenza/contracts";
import { eventsOf } from "./events-of.ts";
import type { SourceEvent } from "./source-event.ts";

/** The kinds of messages that may start workflows. */
export const SOURCE_KINDS = [
  "crmChanged",
  "activityRecorded",
  "taskCompleted",
  "messageReceived",
  "callEnded",
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** What an item of the bus is to triggers; null where it can start nothing. */
export function sourceEventOf<K extends SourceKind>(kind: K, item: ItemOf<K>): SourceEvent | null {
  return READERS[kind](item);
}

const READERS: { [K in SourceKind]: (item: ItemOf<K>) => SourceEvent | null } = {
  crmChanged: ofChange,
  activityRecorded: ofActivity,
  taskCompleted: ofTask,
  messageReceived: ofMessage,
  callEnded: ofCall,
};

function ofChange(change: CrmChange): SourceEvent | null {
  const events = eventsOf(change);
  if (events.length === 0) return null;
  const { object, id, key, at, leadId, causation } = change;
  return {
    key,
    at,
    events,
    leadId,
    contactId: object === "CONTACT" ? id : change.contactId,
    opportunityId: object === "OPPORTUNITY" ? id : null,
    stalledVersion: null,
    object,
    isWhole: change.verb === "CREATED",
    data: change.after,
    previous: change.before,
    user: userOf(change.actor),
    causation,
  };
}

function ofActivity(activity: ActivityRecorded): SourceEvent {
  const { kind, leadId, contactId, data, userId, actor } = activity;
  return happened(activity, { events: [kind], leadId, contactId, data, user: userId ?? userOf(actor) });
}

function ofTask(task: TaskCompleted): SourceEvent {
  const { leadId, contactId, kind, description, completedById, actor } = task;
  const data = { kind, description };
  return happened(task, { events: ["TASK_COMPLETED"], leadId, contactId, data, user: completedById ?? userOf(actor) });
}

/** An auto-reply is nobody's deed, and who is not a contact of any lead has no workflow to be in. */
function ofMessage(message: MessageReceived): SourceEvent | null {
  const { leadId, contactId, channel, subject } = message;
  if (leadId === null || message.autoReply) return null;
  const event = channel === "EMAIL" ? "EMAIL_RECEIVED" : "SMS_RECEIVED";
  return happened(message, { events: [event], leadId, contactId, data: { channel, subject }, user: null });
}

function ofCall(call: CallEnded): SourceEvent | null {
  const { leadId, contactId, status, outcome, direction, durationSeconds, userId } = call;
  if (leadId === null || status !== "COMPLETED") return null;
  const data = { status, outcome, direction, durationSeconds, user: userId };
  return happened(call, { events: ["CALL_COMPLETED"], leadId, contactId, data, user: userId ?? userOf(call.actor) });
}

type Told = Pick<SourceEvent, "key" | "at" | "causation">;

/** Something that changes no object of the CRM. */
function happened(
  { key, at, causation }: Told,
  own: Pick<SourceEvent, "events" | "leadId" | "contactId" | "data" | "user">,
): SourceEvent {
  const nothing = { opportunityId: null, stalledVersion: null, object: null, isWhole: false, previous: {} };
  return { key, at, causation, ...nothing, ...own };
}

function userOf({ kind, id }: Actor): string | null {
  return kind === "USER" ? id : null;
}
