import type { Catalog } from "../catalog/catalog.ts";
import type { ValueFacts } from "../custom-fields/check-value.ts";
import { type CustomFieldValueInput, readValues, withValues } from "../custom-fields/read-values.ts";
import { readEmailAddresses } from "../values/email-address.ts";
import { readPhoneNumbers } from "../values/phone-number.ts";
import type { Problem } from "../values/problem.ts";
import { readName, readTitle } from "../values/text.ts";
import type { ContactFields } from "./contact.ts";

export type NewContactInput = {
  name: string;
  title?: string | null;
  timeZone?: string | null;
  emails?: readonly string[] | null;
  phones?: readonly string[] | null;
  customFields?: readonly CustomFieldValueInput[] | null;
};
export type UpdateContactInput = Partial<Omit<NewContactInput, "name">> & {
  name?: string | null;
  position?: number | null;
};

/** What inputs are read with. */
export type ReadingFacts = ValueFacts & {
  catalog: Catalog;
  /** The organization's: reads numbers without a prefix. */
  country: string;
};

/** `before` with what the input sets; null for a contact that is new. What the input leaves out stays. */
export function readContact(
  input: NewContactInput | UpdateContactInput,
  before: ContactFields | null,
  facts: ReadingFacts,
  path: readonly string[],
  problems: Problem[],
): ContactFields {
  const { name, title, timeZone, emails, phones, customFields } = input;
  const at = (field: string) => [...path, field];
  const custom = readValues("CONTACT", customFields, facts.catalog.fields, facts, at("customFields"), problems);
  return {
    name: name === undefined && before ? before.name : readName(name ?? null, at("name"), problems),
    title: title === undefined ? (before?.title ?? null) : readTitle(title, at("title"), problems),
    timeZone: timeZone === undefined ? (before?.timeZone ?? null) : timeZone,
    emails: emails === undefined ? (before?.emails ?? []) : readEmailAddresses(emails ?? [], at("emails"), problems),
    phones:
      phones === undefined
        ? (before?.phones ?? [])
        : readPhoneNumbers(phones ?? [], facts.country, at("phones"), problems),
    custom: withValues(before?.custom ?? {}, custom),
  };
}
