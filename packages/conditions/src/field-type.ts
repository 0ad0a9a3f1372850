import type { CustomFieldView } from "@cadenza/contracts";

/** `ID`: statuses, users and choices, which are equal or not. `ANY`: a value whose type only its sender knows. */
export type ValueType = "TEXT" | "NUMBER" | "DATE" | "DATETIME" | "ID" | "ANY";
export type FieldType = {
  type: ValueType;
  multiple: boolean;
  /** Whether an event may tell of its changes: CHANGED and its kin are allowed. */
  hasHistory: boolean;
};
export type FieldTypes = Readonly<Record<string, FieldType>>;

const changing = (type: ValueType, multiple = false): FieldType => ({ type, multiple, hasHistory: true });
/** A field that no event tells a change of. */
export const fixed = (type: ValueType): FieldType => ({ type, multiple: false, hasHistory: false });

const [TEXT, TEXTS, NUMBER, DATE, ID] = [
  changing("TEXT"),
  changing("TEXT", true),
  changing("NUMBER"),
  changing("DATE"),
  changing("ID"),
];

/** The fields of which a change of the object may tell, by the graph's names. */
export const CHANGING_FIELDS = {
  LEAD: { name: TEXT, description: TEXT, url: TEXT, status: ID },
  CONTACT: { name: TEXT, title: TEXT, timeZone: TEXT, emails: TEXTS, phones: TEXTS },
  OPPORTUNITY: {
    contact: ID,
    user: ID,
    status: ID,
    value: NUMBER,
    period: ID,
    confidence: NUMBER,
    expectedCloseDate: DATE,
    note: TEXT,
  },
} as const satisfies Record<CustomFieldView["object"], FieldTypes>;

const STAMPS: FieldTypes = { id: fixed("ID"), createdAt: fixed("DATETIME"), updatedAt: fixed("DATETIME") };
export const STANDARD_FIELDS: Record<"lead" | "contact" | "opportunity", FieldTypes> = {
  lead: { ...STAMPS, ...CHANGING_FIELDS.LEAD },
  contact: { ...STAMPS, ...CHANGING_FIELDS.CONTACT },
  opportunity: { ...STAMPS, ...CHANGING_FIELDS.OPPORTUNITY },
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

export function customFieldType({ type, multiple }: Pick<CustomFieldView, "type" | "multiple">): FieldType {
  return changing(CUSTOM_TYPES[type], multiple);
}
