import type { TenantDocument } from "@cadenza/storage";
import type { ChangedObject } from "../changes/crm-change.ts";
import { customFieldsOf, type Fields } from "../changes/diff.ts";
import type { CustomValues } from "../custom-fields/custom-field.ts";
import type { PhoneNumber } from "../values/phone-number.ts";
import { searchTerms } from "../values/search-terms.ts";

export type Contact = TenantDocument & {
  leadId: string;
  name: string;
  title: string | null;
  timeZone: string | null;
  /** As given; the first usable one is written to. */
  emails: string[];
  phones: PhoneNumber[];
  custom: CustomValues;
  searchTerms: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

/** What a caller may set of a contact. */
export type ContactFields = Pick<Contact, "name" | "title" | "timeZone" | "emails" | "phones" | "custom">;

export function newContact(
  fields: ContactFields,
  place: { _id: string; organizationId: string; leadId: string; at: Date },
): Contact {
  const { at, ...own } = place;
  return { ...own, ...fields, searchTerms: contactSearchTerms(fields), version: 1, createdAt: at, updatedAt: at };
}

export function contactSearchTerms({ name, emails, phones }: ContactFields): string[] {
  return searchTerms({ names: [name], emails, phones: phones.map(({ number }) => number) });
}

/** Terms by which a search for any of the contacts finds their lead. */
export function termsOfContacts(contacts: readonly Pick<Contact, "searchTerms">[]): string[] {
  return [...new Set(contacts.flatMap((contact) => contact.searchTerms))].slice(0, MAX_CONTACT_TERMS);
}
/** 200 contacts with five terms each. */
const MAX_CONTACT_TERMS = 1000;

export function fieldsOfContact(contact: ContactFields): Fields {
  const { name, title, timeZone, emails, phones } = contact;
  return {
    name,
    title,
    timeZone,
    emails: emails.length > 0 ? emails : null,
    phones: phones.length > 0 ? phones.map(({ number }) => number) : null,
    ...customFieldsOf(contact.custom),
  };
}

/** @param before null for a contact that is new; `after` null for one that is gone. */
export function contactChange(before: Contact | null, after: Contact | null): ChangedObject {
  const contact = (after ?? before)!;
  return {
    object: "CONTACT",
    id: contact._id,
    leadId: contact.leadId,
    contactId: contact._id,
    version: after ? after.version : contact.version + 1,
    before: before && fieldsOfContact(before),
    after: after && fieldsOfContact(after),
  };
}
