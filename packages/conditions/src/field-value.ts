import type { ContactView, LeadView, OpportunityView } from "@cadenza/contracts";
import { isRecord } from "./condition-shape.ts";
import type { ConditionEvent } from "./condition-subject.ts";

export type Side = "lead" | "contact" | "opportunity";

/** The present value of a field; statuses, users and contacts by id, empty where the object does not exist. */
export function valueOf(side: Side, subject: LeadView | ContactView | OpportunityView | null, field: string): unknown {
  if (!subject) return null;
  if (field.startsWith("custom.")) return own(subject.custom, field.slice("custom.".length));
  switch (`${side}.${field}`) {
    case "lead.status":
    case "opportunity.status":
      return (subject as LeadView).status.id;
    case "opportunity.contact":
      return (subject as OpportunityView).contactId;
    case "opportunity.user":
      return (subject as OpportunityView).userId;
    case "contact.phones":
      return (subject as ContactView).phones.map(({ number }) => number);
    default:
      return own(subject, field);
  }
}

/** An event's field after and before; null where the event does not speak of it. */
export function changeOf(event: ConditionEvent, field: string): { after: unknown; before: unknown } | null {
  if (!Object.hasOwn(event.data, field) && !Object.hasOwn(event.previous, field)) return null;
  return { after: own(event.data, field), before: own(event.previous, field) };
}

/** `custom.<id>` and the like are whole keys; else a dotted name walks into nested data. */
export function eventValue(event: ConditionEvent, field: string): unknown {
  if (Object.hasOwn(event.data, field)) return event.data[field];
  return field.split(".").reduce<unknown>((value, key) => (isRecord(value) ? own(value, key) : null), event.data);
}

function own(record: object, key: string): unknown {
  return Object.hasOwn(record, key) ? (record as Record<string, unknown>)[key] : null;
}
