import type { CustomFieldView, TriggerEvent } from "@cadenza/contracts";
import { CHANGING_FIELDS, type FieldTypes, fixed } from "./field-type.ts";

type CrmObject = CustomFieldView["object"];
/** What an event is about, and what stands in its data. */
export type EventFields = {
  /** The object whose change it is; null where it is none. */
  changes: CrmObject | null;
  /** Whether an opportunity comes with it. */
  hasOpportunity: boolean;
  /** Its data by name; null where whoever records it chooses the names. */
  data: FieldTypes | null;
};

const changeOf = (changes: CrmObject): EventFields => ({
  changes,
  hasOpportunity: changes === "OPPORTUNITY",
  data: changes === "OPPORTUNITY" ? { ...CHANGING_FIELDS.OPPORTUNITY, ...MONEY } : CHANGING_FIELDS[changes],
});
const happening = (data: FieldTypes | null): EventFields => ({ changes: null, hasOpportunity: false, data });

/** Inside an opportunity's `value`. */
const MONEY: FieldTypes = { "value.amount": fixed("NUMBER"), "value.currency": fixed("TEXT") };
const MESSAGE: FieldTypes = { channel: fixed("ID"), subject: fixed("TEXT") };

/** What each event's data holds (TRG-1); it is told by run-orchestrator's `sourceEventOf…`. */
export const EVENT_FIELDS: Record<TriggerEvent, EventFields> = {
  LEAD_CREATED: changeOf("LEAD"),
  LEAD_UPDATED: changeOf("LEAD"),
  LEAD_STATUS_CHANGED: changeOf("LEAD"),
  CONTACT_CREATED: changeOf("CONTACT"),
  CONTACT_UPDATED: changeOf("CONTACT"),
  OPPORTUNITY_CREATED: changeOf("OPPORTUNITY"),
  OPPORTUNITY_UPDATED: changeOf("OPPORTUNITY"),
  OPPORTUNITY_STATUS_CHANGED: changeOf("OPPORTUNITY"),
  OPPORTUNITY_VALUE_CHANGED: changeOf("OPPORTUNITY"),
  OPPORTUNITY_STALLED: {
    changes: null,
    hasOpportunity: true,
    data: { stalledDays: fixed("NUMBER"), lastChangedAt: fixed("DATETIME") },
  },
  CALL_COMPLETED: happening({
    status: fixed("ID"),
    outcome: fixed("TEXT"),
    direction: fixed("ID"),
    durationSeconds: fixed("NUMBER"),
    user: fixed("ID"),
  }),
  EMAIL_RECEIVED: happening(MESSAGE),
  SMS_RECEIVED: happening(MESSAGE),
  TASK_COMPLETED: happening({ kind: fixed("ID"), description: fixed("TEXT") }),
  MEETING_BOOKED: happening(null),
  MEETING_OUTCOME_SET: happening(null),
  FORM_SUBMITTED: happening(null),
  CUSTOM_ACTIVITY_PUBLISHED: happening(null),
};
