import type { ContactFields } from "../contacts/contact.ts";
import type { LeadFields } from "../leads/lead.ts";
import { addressKey } from "../values/email-address.ts";

/** A contact's own values, and another's where it has none; addresses and numbers of both, each once. */
export function mergedContact(own: ContactFields, other: ContactFields): ContactFields {
  return {
    name: own.name,
    title: own.title ?? other.title,
    timeZone: own.timeZone ?? other.timeZone,
    emails: withoutRepeats([...own.emails, ...other.emails], addressKey),
    phones: withoutRepeats([...own.phones, ...other.phones], ({ number }) => number),
    custom: { ...other.custom, ...own.custom },
  };
}

/** A lead's own values, and another's where it has none. Its name and status are never empty. */
export function mergedLead(own: LeadFields, other: LeadFields): LeadFields {
  return {
    name: own.name,
    description: own.description ?? other.description,
    url: own.url ?? other.url,
    statusId: own.statusId,
    custom: { ...other.custom, ...own.custom },
  };
}

/** The first of those that have a key in common. */
function withoutRepeats<T>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  const keys = new Set<string>();
  return entries.filter((entry) => keys.size !== keys.add(keyOf(entry)).size);
}
