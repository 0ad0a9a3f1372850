import { newId } from "@cadenza/platform";
import type { ActivityStore } from "../activities/store.ts";
import type { Caller, CrmTransaction, CrmWriter } from "../changes/crm-writer.ts";
import { diff } from "../changes/diff.ts";
import type { ReadingFactsSource } from "../changes/reading-facts.ts";
import { contactChange, newContact, termsOfContacts } from "../contacts/contact.ts";
import { readContact } from "../contacts/read-contact.ts";
import type { ContactStore } from "../contacts/store.ts";
import { opportunityChange } from "../opportunities/opportunity.ts";
import type { OpportunityStore } from "../opportunities/store.ts";
import { MAX_CONTACTS_PER_LEAD } from "../values/limits.ts";
import { notFound, type Outcome, type Problem, problem } from "../values/problem.ts";
import { fieldsOfLead, leadChange, leadSearchTerms, newLead } from "./lead.ts";
import { type CreateLeadInput, readLead, type UpdateLeadInput } from "./read-lead.ts";
import type { LeadStore } from "./store.ts";

export type LeadServiceParts = {
  writer: CrmWriter;
  facts: ReadingFactsSource;
  leads: LeadStore;
  contacts: ContactStore;
  opportunities: OpportunityStore;
  activities: ActivityStore;
};

export class LeadService {
  readonly #parts: LeadServiceParts;

  constructor(parts: LeadServiceParts) {
    this.#parts = parts;
  }

  /** @returns the new lead's id. */
  create(caller: Caller, input: CreateLeadInput): Promise<Outcome<string>> {
    const call = { operation: "createLead", key: input.idempotencyKey, input };
    return this.#parts.writer.commitOnce(caller, call, (transaction) => this.#create(transaction, input));
  }

  update(caller: Caller, id: string, input: UpdateLeadInput): Promise<Outcome<string>> {
    return this.#parts.writer.commit(caller, async (transaction) => {
      const { scope, session, at } = transaction;
      const [before] = await this.#parts.leads.findByIds(scope, [id], session);
      if (!before) return transaction.refuse(notFound("lead", ["id"]));
      const facts = await this.#parts.facts.read(transaction, input.customFields ?? []);
      const problems: Problem[] = [];
      const fields = readLead(input, before, facts, ["input"], problems);
      transaction.refuseIf(problems);
      if (!diff(fieldsOfLead(before), fieldsOfLead(fields))) return id;
      const searchTerms =
        fields.name === before.name ? before.searchTerms : leadSearchTerms(fields.name, before.contactTerms);
      const after = { ...before, ...fields, searchTerms, version: before.version + 1, updatedAt: at };
      await transaction.update(this.#parts.leads.collection, [{ before, after }]);
      transaction.changed(leadChange(before, after));
      return id;
    });
  }

  /** Its contacts and opportunities go with it. */
  delete(caller: Caller, id: string): Promise<Outcome<string>> {
    return this.#parts.writer.commit(caller, async (transaction) => {
      const { scope, session } = transaction;
      const { leads, contacts, opportunities, activities } = this.#parts;
      const [lead] = await leads.findByIds(scope, [id], session);
      if (!lead) return transaction.refuse(notFound("lead", ["id"]));
      const itsContacts = await contacts.ofLeads(scope, [id], session);
      const itsOpportunities = await opportunities.ofLeads(scope, [id], session);
      await leads.collection.deleteMany(scope, { _id: id }, session);
      await contacts.collection.deleteMany(scope, { leadId: id }, session);
      await opportunities.collection.deleteMany(scope, { leadId: id }, session);
      await activities.forgetLead(scope, id, session);
      transaction.changed(
        ...itsOpportunities.map((opportunity) => opportunityChange(opportunity, null)),
        ...itsContacts.map((contact) => contactChange(contact, null)),
        leadChange(lead, null),
      );
      return id;
    });
  }

  async #create(transaction: CrmTransaction, input: CreateLeadInput): Promise<string> {
    const { scope, session, at } = transaction;
    const inputs = input.contacts ?? [];
    if (inputs.length > MAX_CONTACTS_PER_LEAD) transaction.refuse(tooManyContacts(["input", "contacts"]));
    const values = [input, ...inputs].flatMap(({ customFields }) => customFields ?? []);
    const facts = await this.#parts.facts.read(transaction, values);
    const problems: Problem[] = [];
    const fields = readLead(input, null, facts, ["input"], problems);
    const contactFields = inputs.map((contact, index) =>
      readContact(contact, null, facts, ["input", "contacts", String(index)], problems),
    );
    transaction.refuseIf(problems);
    const place = { organizationId: scope.organizationId, at };
    const leadId = newId(at);
    const contacts = contactFields.map((contact) => newContact(contact, { ...place, _id: newId(at), leadId }));
    const contactIds = contacts.map(({ _id }) => _id);
    const lead = newLead(fields, { ...place, _id: leadId, contactIds, contactTerms: termsOfContacts(contacts) });
    await this.#parts.leads.collection.insertMany(scope, [lead], session);
    await this.#parts.contacts.collection.insertMany(scope, contacts, session);
    transaction.changed(leadChange(null, lead), ...contacts.map((contact) => contactChange(null, contact)));
    return leadId;
  }
}

export function tooManyContacts(path: readonly string[]): Problem {
  return problem("TOO_MANY", `A lead has at most ${MAX_CONTACTS_PER_LEAD} contacts.`, path);
}
