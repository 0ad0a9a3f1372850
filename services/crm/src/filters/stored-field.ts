import type { CustomField, CustomFieldType } from "../custom-fields/custom-field.ts";

/**
 * How a value stands in the database. `TEXT`: as it is, ids and choices too. `ADDRESS`: as it was given, found whatever its
 * case. `DATE`: `YYYY-MM-DD`. `DATETIME`: the text of `toISOString`. `STAMP`: a date of the database's own.
 */
export type StoredKind = "TEXT" | "ADDRESS" | "NUMBER" | "DATE" | "DATETIME" | "STAMP";
export type StoredField = {
  /** Its name in the document. */
  name: string;
  kind: StoredKind;
  /** Whether it is a list. */
  multiple: boolean;
  /** In a list of records, the part that conditions mean; else null. */
  entry: string | null;
};

const one = (name: string, kind: StoredKind = "TEXT"): StoredField => ({ name, kind, multiple: false, entry: null });
const stamps = { id: one("_id"), createdAt: one("createdAt", "STAMP"), updatedAt: one("updatedAt", "STAMP") };

const FIELDS: Record<"lead" | "contact", Record<string, StoredField>> = {
  lead: {
    ...stamps,
    name: one("name"),
    description: one("description"),
    url: one("url"),
    status: one("statusId"),
  },
  contact: {
    ...stamps,
    name: one("name"),
    title: one("title"),
    timeZone: one("timeZone"),
    emails: { ...one("emails", "ADDRESS"), multiple: true },
    phones: { ...one("phones"), multiple: true, entry: "number" },
  },
};

const CUSTOM_KINDS: Record<CustomFieldType, StoredKind> = {
  TEXT: "TEXT",
  URL: "TEXT",
  NUMBER: "NUMBER",
  DATE: "DATE",
  DATETIME: "DATETIME",
  CHOICE: "TEXT",
  USER: "TEXT",
};

/** Where a condition's path stands in its object's document; the path must have passed `checkCondition`. */
export function storedField(path: string, fields: ReadonlyMap<string, CustomField>): StoredField {
  const [side, name] = [path.slice(0, path.indexOf(".")), path.slice(path.indexOf(".") + 1)];
  const custom = name.startsWith("custom.") ? fields.get(name.slice("custom.".length)) : undefined;
  if (custom) return { ...one(name, CUSTOM_KINDS[custom.type]), multiple: custom.multiple };
  const field = side === "lead" || side === "contact" ? FIELDS[side][name] : undefined;
  if (!field) throw new Error(`A filter on "${path}" has not been checked.`);
  return field;
}
