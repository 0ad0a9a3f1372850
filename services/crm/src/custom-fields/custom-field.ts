import type { TenantDocument } from "@cadenza/storage";
import { nameKey } from "../values/names.ts";

export const CRM_OBJECTS = ["LEAD", "CONTACT", "OPPORTUNITY"] as const;
export type CrmObject = (typeof CRM_OBJECTS)[number];
export type CustomFieldType = "TEXT" | "NUMBER" | "DATE" | "DATETIME" | "CHOICE" | "USER" | "URL";

/** A field that an organization has added to its leads, contacts or opportunities. Its object and type are for ever. */
export type CustomField = TenantDocument & {
  object: CrmObject;
  name: string;
  /** Unique within the object. */
  nameKey: string;
  type: CustomFieldType;
  multiple: boolean;
  choices: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

/** Values by field id; an empty field is left out. */
export type CustomValues = Record<string, unknown>;

export function choiceKey(choice: string): string {
  return nameKey(choice);
}
