import type { CustomFieldView, TriggerEvent } from "@cadenza/contracts";
import { EVENT_FIELDS, type EventFields } from "./event-fields.ts";
import { customFieldType, type FieldType, fixed, STANDARD_FIELDS } from "./field-type.ts";

export type PathProblem =
  | "UNKNOWN_PATH"
  | "UNKNOWN_CUSTOM_FIELD"
  | "CUSTOM_FIELD_OF_OTHER_OBJECT"
  | "PATH_NOT_IN_EVENT";
export type FieldLookup = FieldType | PathProblem;

/**
 * Names in an event's data as whoever records it may choose them; nothing that JavaScript keeps for itself. A dotted name
 * leads into nested data.
 */
const FREE_FIELD =
  /^(?!.*(?:__proto__|constructor|prototype))[\p{L}\p{N}_][\p{L}\p{N}_ -]{0,63}(?:\.[\p{L}\p{N}_][\p{L}\p{N}_ -]{0,63}){0,4}$/u;
const ANY: FieldType = { type: "ANY", multiple: false, hasHistory: true };

export type FieldCatalogue = {
  customFields: ReadonlyMap<string, CustomFieldView>;
  /** What the condition is judged at: undefined for any event, null for none. */
  event: TriggerEvent | null | undefined;
};

/** What stands at a path, by the graph's field names, the organization's custom fields, and what the event brings with it. */
export function fieldAt(path: string, catalogue: FieldCatalogue): FieldLookup {
  const event = catalogue.event && EVENT_FIELDS[catalogue.event];
  if (path.startsWith("event.")) {
    if (event === null) return "PATH_NOT_IN_EVENT";
    if (path === "event.user") return fixed("ID");
    return path.startsWith("event.data.")
      ? eventField(path.slice("event.data.".length), catalogue, event)
      : "UNKNOWN_PATH";
  }
  const dot = path.indexOf(".");
  const side = path.slice(0, dot);
  if (side !== "lead" && side !== "contact" && side !== "opportunity") return "UNKNOWN_PATH";
  if (side === "opportunity" && event && !event.hasOpportunity) return "PATH_NOT_IN_EVENT";
  const object = OBJECTS[side];
  const field = fieldOf(path.slice(dot + 1), STANDARD_FIELDS[side], object, catalogue);
  if (typeof field === "string" || !field.hasHistory) return field;
  // Only the object that an event changes has a history at it.
  return event === null || (event && event.changes !== object) ? { ...field, hasHistory: false } : field;
}

const OBJECTS = { lead: "LEAD", contact: "CONTACT", opportunity: "OPPORTUNITY" } as const;

function eventField(name: string, catalogue: FieldCatalogue, event: EventFields | undefined): FieldLookup {
  if (event?.data && event.changes) return fieldOf(name, event.data, event.changes, catalogue);
  if (event?.data) return Object.hasOwn(event.data, name) ? event.data[name]! : "UNKNOWN_PATH";
  if (!event && name.startsWith("custom.")) return customField(name, null, catalogue);
  if (!FREE_FIELD.test(name)) return "UNKNOWN_PATH";
  return event ? fixed("ANY") : ANY;
}

function fieldOf(
  name: string,
  standard: Readonly<Record<string, FieldType>>,
  object: CustomFieldView["object"],
  catalogue: FieldCatalogue,
): FieldLookup {
  if (name.startsWith("custom.")) return customField(name, object, catalogue);
  return Object.hasOwn(standard, name) ? standard[name]! : "UNKNOWN_PATH";
}

/** @param object whose field it must be; null for any. */
function customField(
  name: string,
  object: CustomFieldView["object"] | null,
  { customFields }: FieldCatalogue,
): FieldLookup {
  const field = customFields.get(name.slice("custom.".length));
  if (!field) return "UNKNOWN_CUSTOM_FIELD";
  return object !== null && field.object !== object ? "CUSTOM_FIELD_OF_OTHER_OBJECT" : customFieldType(field);
}
