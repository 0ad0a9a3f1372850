import type { Update } from "@cadenza/storage";
import type { CrmTransaction } from "../changes/crm-writer.ts";
import { termsOfContacts } from "../contacts/contact.ts";
import type { ContactStore } from "../contacts/store.ts";
import { type Lead, leadSearchTerms } from "./lead.ts";
import type { LeadStore } from "./store.ts";

/**
 * Brings the lead's order and search terms to its contacts as they stand; no change of the lead itself. Where nothing is
 * different it still is a write, so that whoever changes the lead at the same time comes before or after.
 */
export async function arrange(
  { scope, session }: CrmTransaction,
  lead: Lead,
  contactIds: readonly string[],
  { leads, contacts }: { leads: LeadStore; contacts: ContactStore },
): Promise<void> {
  const contactTerms = termsOfContacts(await contacts.ofLeads(scope, [lead._id], session));
  const searchTerms = leadSearchTerms(lead.name, contactTerms);
  await leads.collection.updateOne(
    scope,
    { _id: lead._id },
    { $set: { contactIds: [...contactIds], contactTerms, searchTerms }, $inc: { holds: 1 } } as Update<Lead>,
    session,
  );
}
