import { withLead } from "../changes/crm-change.ts";
import type { CrmTransaction } from "../changes/crm-writer.ts";
import { diff } from "../changes/diff.ts";
import { type Contact, contactChange, contactSearchTerms, fieldsOfContact } from "../contacts/contact.ts";
import { arrange } from "../leads/arrange.ts";
import { opportunityChange } from "../opportunities/opportunity.ts";
import { MAX_ADDRESSES_PER_CONTACT } from "../values/limits.ts";
import { problem } from "../values/problem.ts";
import { mergedContact } from "./merged-fields.ts";
import type { MergeStores } from "./service.ts";

/** Merges a contact into another, which may be another lead's: what is the source's goes to the destination's lead then. */
export async function mergeContacts(
  transaction: CrmTransaction,
  stores: MergeStores,
  { source, destination }: { source: Contact; destination: Contact },
): Promise<void> {
  const { scope, session, at } = transaction;
  const { contacts, leads, opportunities, activities } = stores;
  const target = { id: destination._id, leadId: destination.leadId };
  const fields = mergedContact(destination, source);
  if (Math.max(fields.emails.length, fields.phones.length) > MAX_ADDRESSES_PER_CONTACT) {
    const message = `Together they have more than ${MAX_ADDRESSES_PER_CONTACT} addresses or numbers, the most of a contact.`;
    transaction.refuse(problem("TOO_MANY", message, ["sourceId"]));
  }

  await contacts.collection.deleteMany(scope, { _id: source._id }, session);
  if (diff(fieldsOfContact(destination), fieldsOfContact(fields))) {
    const searchTerms = contactSearchTerms(fields);
    const after = { ...destination, ...fields, searchTerms, version: destination.version + 1, updatedAt: at };
    await transaction.update(contacts.collection, [{ before: destination, after }]);
    transaction.changed(contactChange(destination, after));
  }
  const own = await opportunities.ofContact(scope, { leadId: source.leadId, contactId: source._id }, session);
  const moved = own.map((before) => ({
    before,
    after: { ...before, contactId: target.id, leadId: target.leadId, version: before.version + 1, updatedAt: at },
  }));
  await transaction.update(opportunities.collection, moved);
  await activities.moveContact(scope, source._id, target, session);

  const itsLeads = await leads.findByIds(scope, [...new Set([source.leadId, target.leadId])], session);
  // One after another: operations of one transaction cannot run side by side.
  for (const lead of itsLeads.filter((found) => found !== null)) {
    const contactIds = lead.contactIds.filter((id) => id !== source._id);
    await arrange(transaction, lead, contactIds, stores);
  }
  transaction.changed(
    ...moved.map(({ before, after }) => withLead(opportunityChange(before, after), before.leadId, after.leadId)),
    { ...contactChange(source, null), mergedInto: target },
  );
}
