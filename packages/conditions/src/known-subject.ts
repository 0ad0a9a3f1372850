import type { ContactView, LeadView, OpportunityView } from "@cadenza/contracts";
import type { ConditionEvent } from "./condition-subject.ts";
import { changeOf, eventValue, type Side, valueOf } from "./field-value.ts";
import { ToldObject } from "./told-object.ts";
import { isUnchanged } from "./values.ts";

/** What is known of a subject so far: what is left out may still turn out to be anything. */
export type KnownSubject = {
  lead?: LeadView | ToldObject | null;
  contact?: ContactView | ToldObject | null;
  opportunity?: OpportunityView | ToldObject | null;
  event?: ConditionEvent | null;
};

export const UNKNOWN = Symbol("not known yet");

/** A condition's path, cut once. `side` null: there is no such thing, and its fields are empty. */
export type Path = { side: Side | "event" | null; field: string };

export function pathOf(text: string): Path {
  const dot = text.indexOf(".");
  const side = text.slice(0, dot);
  const field = text.slice(dot + 1);
  switch (side) {
    case "lead":
    case "contact":
    case "opportunity":
      return { side, field };
    case "event":
      return { side, field: field.startsWith("data.") ? field.slice("data.".length) : `.${field}` };
    default:
      return { side: null, field };
  }
}

/** What stands at a path. */
export function valueAt({ side, field }: Path, subject: KnownSubject): unknown {
  if (side === null) return null;
  if (side === "event") {
    if (subject.event === undefined) return UNKNOWN;
    if (!subject.event) return null;
    return field === USER ? subject.event.user : eventValue(subject.event, field);
  }
  const object = subject[side];
  if (object === undefined) return UNKNOWN;
  if (!(object instanceof ToldObject)) return valueOf(side, object, field);
  const told = object.told(field);
  if (told) return told.value;
  return object.present === undefined ? UNKNOWN : valueOf(side, object.present, field);
}
/** `event.user`; event data cannot be called so. */
const USER = ".user";

/**
 * The change of a field that the event tells of; null where it tells of none. `event.data.status` and, for an event of the
 * lead, `lead.status` speak of the same change.
 */
export function changeAt(
  { side, field }: Path,
  subject: KnownSubject,
): { after: unknown; before: unknown } | null | typeof UNKNOWN {
  const { event } = subject;
  if (event === undefined) return UNKNOWN;
  if (!event || side === null || (side !== "event" && event.object !== OBJECT_OF[side])) return null;
  const change = changeOf(event, field);
  return change && !isUnchanged(change.before, change.after) ? change : null;
}

const OBJECT_OF = { lead: "LEAD", contact: "CONTACT", opportunity: "OPPORTUNITY" } as const;
