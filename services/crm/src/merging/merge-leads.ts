import { withLead } from "../changes/crm-change.ts";
import type { CrmTransaction } from "../changes/crm-writer.ts";
import { diff } from "../changes/diff.ts";
import { contactChange } from "../contacts/contact.ts";
import { arrange } from "../leads/arrange.ts";
import { fieldsOfLead, type Lead, leadChange } from "../leads/lead.ts";
import { opportunityChange } from "../opportunities/opportunity.ts";
import { MAX_CONTACTS_PER_MERGED_LEAD } from "../values/limits.ts";
import { problem } from "../values/problem.ts";
import { mergedLead } from "./merged-fields.ts";
import type { MergeStores } from "./service.ts";

/** Merges a lead into another, which gets its contacts, after its own and in their order, and its opportunities. */
export async function mergeLeads(
  transaction: CrmTransaction,
  stores: MergeStores,
  { source, destination }: { source: Lead; destination: Lead },
): Promise<void> {
  const { scope, session, at } = transaction;
  const { leads, contacts, opportunities, activities } = stores;
  const contactIds = [...destination.contactIds, ...source.contactIds];
  if (contactIds.length > MAX_CONTACTS_PER_MERGED_LEAD) {
    const message = `Together they have more than ${MAX_CONTACTS_PER_MERGED_LEAD} contacts, the most of a lead.`;
    transaction.refuse(problem("TOO_MANY", message, ["sourceId"]));
  }

  const movedContacts = await contacts.ofLeads(scope, [source._id], session);
  const movedOpportunities = await opportunities.ofLeads(scope, [source._id], session);
  const move = { $set: { leadId: destination._id, updatedAt: at }, $inc: { version: 1 } };
  await contacts.collection.updateMany(scope, { leadId: source._id }, move, session);
  await opportunities.collection.updateMany(scope, { leadId: source._id }, move, session);
  await activities.moveLead(scope, source._id, destination._id, session);
  await leads.collection.deleteMany(scope, { _id: source._id }, session);

  const fields = mergedLead(destination, source);
  if (diff(fieldsOfLead(destination), fieldsOfLead(fields))) {
    const after = { ...destination, ...fields, version: destination.version + 1, updatedAt: at };
    await transaction.update(leads.collection, [{ before: destination, after }]);
    transaction.changed(leadChange(destination, after));
  }
  await arrange(transaction, destination, contactIds, stores);

  const moved = { leadId: destination._id, updatedAt: at };
  transaction.changed(
    ...movedContacts.map((before) => {
      const after = { ...before, ...moved, version: before.version + 1 };
      return withLead(contactChange(before, after), source._id, destination._id);
    }),
    ...movedOpportunities.map((before) => {
      const after = { ...before, ...moved, version: before.version + 1 };
      return withLead(opportunityChange(before, after), source._id, destination._id);
    }),
    { ...leadChange(source, null), mergedInto: { id: destination._id, leadId: destination._id } },
  );
}
