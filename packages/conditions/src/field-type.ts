import type { CustomFieldView } from "@cadenza/contracts";

/** `ID`: statuses, users and choices, which are equal or not. `ANY`: an event's field, whose type its event knows. */
export type ValueType = "TEXT" | "NUMBER" | "DATE" | "DATETIME" | "ID" | "ANY";
export type FieldType = {
  type: ValueType;
  multiple: boolean;
  /** Whether an event tells of its changes: CHANGED and its kin are allowed. */
  hasHistory: boolean;
};

const TEXT: FieldType = { type: "TEXT", multiple: false, hasHistory: true };
const TEXTS: FieldType = { type: "TEXT", multiple: true, hasHistory: true };
const NUMBER: FieldType = { type: "NUMBER", multiple: false, hasHistory: true };
const DATE: FieldType = { type: "DATE", multiple: false, hasHistory: true };
const ID: FieldType = { type: "ID", multiple: false, hasHistory: true };
const FIXED_ID: FieldType = { type: "ID", multiple: false, hasHistory: false };
const INSTANT: FieldType = { type: "DATETIME", multiple: false, hasHistory: false };
const ANY: FieldType = { type: "ANY", multiple: false, hasHistory: true };

const stored = { id: FIXED_ID, createdAt: INSTANT, updatedAt: INSTANT };
const STANDARD_FIELDS: Record<string, Record<string, FieldType>> = {
  lead: { ...stored, name: TEXT, description: TEXT, url: TEXT, status: ID },
  contact: { ...stored, name: TEXT, title: TEXT, timeZone: TEXT, emails: TEXTS, phones: TEXTS },
  opportunity: {
    ...stored,
    contact: ID,
    user: ID,
    status: ID,
    value: NUMBER,
    period: ID,
    confidence: NUMBER,
    expectedCloseDate: DATE,
    note: TEXT,
  },
};

const CUSTOM_TYPES: Record<CustomFieldView["type"], ValueType> = {
  TEXT: "TEXT",
  URL: "TEXT",
  NUMBER: "NUMBER",
  DATE: "DATE",
  DATETIME: "DATETIME",
  CHOICE: "ID",
  USER: "ID",
};

export type FieldLookup = FieldType | "UNKNOWN_PATH" | "UNKNOWN_CUSTOM_FIELD" | "CUSTOM_FIELD_OF_OTHER_OBJECT";

/** Event fields have names of letters and digits; nothing that JavaScript keeps for itself. */
const EVENT_FIELD =
  /^(?!.*(?:__proto__|constructor|prototype))[A-Za-z][A-Za-z0-9_]{0,63}(?:\.[A-Za-z0-9_]{1,64}){0,4}$/;

/** What stands at a path, by the contract's field names and the organization's custom fields. */
export function fieldAt(path: string, customFields: ReadonlyMap<string, CustomFieldView>): FieldLookup {
  if (path === "event.user") return FIXED_ID;
  if (path.startsWith("event.data.")) return eventField(path.slice("event.data.".length), customFields);
  const dot = path.indexOf(".");
  const fields = Object.hasOwn(STANDARD_FIELDS, path.slice(0, dot)) ? STANDARD_FIELDS[path.slice(0, dot)] : undefined;
  if (!fields) return "UNKNOWN_PATH";
  const name = path.slice(dot + 1);
  if (name.startsWith("custom.")) return customField(name.slice("custom.".length), customFields, path.slice(0, dot));
  return Object.hasOwn(fields, name) ? fields[name]! : "UNKNOWN_PATH";
}

function eventField(name: string, customFields: ReadonlyMap<string, CustomFieldView>): FieldLookup {
  if (name.startsWith("custom.")) return customField(name.slice("custom.".length), customFields, null);
  return EVENT_FIELD.test(name) ? ANY : "UNKNOWN_PATH";
}

function customField(id: string, known: ReadonlyMap<string, CustomFieldView>, object: string | null): FieldLookup {
  const field = known.get(id);
  if (!field) return "UNKNOWN_CUSTOM_FIELD";
  if (object !== null && field.object !== object.toUpperCase()) return "CUSTOM_FIELD_OF_OTHER_OBJECT";
  return { type: CUSTOM_TYPES[field.type], multiple: field.multiple, hasHistory: true };
}
