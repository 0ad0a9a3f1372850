import type {
  ActivityRecorded,
  CallEnded,
  CrmChange,
  ItemOf,
  MessageReceived,
  SignalRunsCommand,
} from "@cadenza/contracts";

/** The kinds of events that may meet a goal. */
export const SIGNAL_KINDS = ["crmChanged", "activityRecorded", "messageReceived", "callEnded"] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];
/** What an event says to open runs: a goal may be met, or the contact is away. */
export type RunSignal = SignalRunsCommand;

/** What an item of the bus says to runs; null where it says nothing. */
export function signalOf<K extends SignalKind>(kind: K, item: ItemOf<K>): RunSignal | null {
  return READERS[kind](item);
}

const READERS: { [K in SignalKind]: (item: ItemOf<K>) => RunSignal | null } = {
  crmChanged: ofChange,
  activityRecorded: ofActivity,
  messageReceived: ofMessage,
  callEnded: ofCall,
};

/** A lead that is made in a status has no run yet; an opportunity may be made where it is wanted. */
function ofChange(change: CrmChange): RunSignal | null {
  const { object, verb, id, leadId } = change;
  const statusId = change.after["status"];
  if (typeof statusId !== "string" || verb === "DELETED") return null;
  if (object === "LEAD" && verb === "UPDATED")
    return signal(change, { leadId }, { goal: { code: "LEAD_STATUS_REACHED", statusId } });
  if (object === "OPPORTUNITY")
    return signal(change, { leadId, opportunityId: id }, { goal: { code: "OPPORTUNITY_STATUS_REACHED", statusId } });
  return null;
}

function ofActivity(activity: ActivityRecorded): RunSignal | null {
  const { kind, leadId, contactId } = activity;
  if (kind !== "MEETING_BOOKED") return null;
  return signal(activity, contactId === null ? { leadId } : { contactId }, { goal: goal("MEETING_BOOKED") });
}

/** Who writes in a run's thread answers that run, whoever it is; a contact's own runs are answered in any thread. */
function ofMessage(message: MessageReceived): RunSignal | null {
  const { channel, contactId, replyToRunId: runId, autoReply, holdUntilDate } = message;
  if (contactId === null && runId === null) return null;
  // Never a reply (GOAL-2).
  if (autoReply)
    return holdUntilDate === null ? null : signal(message, { contactId, runId }, { untilDate: holdUntilDate });
  if (channel === "SMS") return contactId === null ? null : signal(message, { contactId }, { goal: goal("SMS_REPLY") });
  return signal(message, { contactId, runId }, { goal: goal("EMAIL_REPLY") });
}

/** A call that the contact made and somebody took. */
function ofCall(call: CallEnded): RunSignal | null {
  const { contactId, direction, status } = call;
  if (contactId === null || direction !== "INBOUND" || status !== "COMPLETED") return null;
  return signal(call, { contactId }, { goal: goal("CALL_ANSWERED") });
}

type Goal = NonNullable<RunSignal["goal"]>;
const goal = (code: Goal["code"]): Goal => ({ code, statusId: null });

function signal(
  { key, at }: { key: string; at: Date },
  about: Partial<RunSignal["about"]>,
  says: Partial<Pick<RunSignal, "goal" | "untilDate">>,
): RunSignal {
  const nobody = { runId: null, contactId: null, leadId: null, opportunityId: null };
  return { key, at, about: { ...nobody, ...about }, goal: null, untilDate: null, ...says, afterRunId: null };
}
