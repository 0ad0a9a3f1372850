import { newId } from "@cadenza/platform";
import type { ActivityStore } from "../activities/store.ts";
import type { Caller, CrmWriter } from "../changes/crm-writer.ts";
import { diff } from "../changes/diff.ts";
import type { ReadingFactsSource } from "../changes/reading-facts.ts";
import { arrange } from "../leads/arrange.ts";
import { tooManyContacts } from "../leads/service.ts";
import type { LeadStore } from "../leads/store.ts";
import { opportunityChange } from "../opportunities/opportunity.ts";
import type { OpportunityStore } from "../opportunities/store.ts";
import { MAX_CONTACTS_PER_LEAD } from "../values/limits.ts";
import { notFound, type Outcome, type Problem, problem } from "../values/problem.ts";
import { type Contact, contactChange, contactSearchTerms, fieldsOfContact, newContact } from "./contact.ts";
import { type NewContactInput, readContact, type UpdateContactInput } from "./read-contact.ts";
import type { ContactStore } from "./store.ts";

export type CreateContactInput = { leadId: string; contact: NewContactInput; idempotencyKey?: string | null };

export type ContactServiceParts = {
  writer: CrmWriter;
  facts: ReadingFactsSource;
  leads: LeadStore;
  contacts: ContactStore;
  opportunities: OpportunityStore;
  activities: ActivityStore;
};

export class ContactService {
  readonly #parts: ContactServiceParts;

  constructor(parts: ContactServiceParts) {
    this.#parts = parts;
  }

  /** Last among its lead's contacts. @returns the new contact's id. */
  create(caller: Caller, input: CreateContactInput): Promise<Outcome<string>> {
    const call = { operation: "createContact", key: input.idempotencyKey, input };
    return this.#parts.writer.commitOnce(caller, call, async (transaction) => {
      const { scope, session, at } = transaction;
      const [lead] = await this.#parts.leads.findByIds(scope, [input.leadId], session);
      if (!lead) return transaction.refuse(notFound("lead", ["input", "leadId"]));
      if (lead.contactIds.length >= MAX_CONTACTS_PER_LEAD) transaction.refuse(tooManyContacts(["input", "leadId"]));
      const facts = await this.#parts.facts.read(transaction, input.contact.customFields ?? []);
      const problems: Problem[] = [];
      const fields = readContact(input.contact, null, facts, ["input", "contact"], problems);
      transaction.refuseIf(problems);
      const place = { _id: newId(at), organizationId: scope.organizationId, leadId: lead._id, at };
      const contact = newContact(fields, place);
      await this.#parts.contacts.collection.insertMany(scope, [contact], session);
      await arrange(transaction, lead, [...lead.contactIds, contact._id], this.#parts);
      transaction.changed(contactChange(null, contact));
      return contact._id;
    });
  }

  update(caller: Caller, id: string, input: UpdateContactInput): Promise<Outcome<string>> {
    return this.#parts.writer.commit(caller, async (transaction) => {
      const { scope, session, at } = transaction;
      const [before] = await this.#parts.contacts.findByIds(scope, [id], session);
      if (!before) return transaction.refuse(notFound("contact", ["id"]));
      const [lead] = await this.#parts.leads.findByIds(scope, [before.leadId], session);
      if (!lead) return transaction.refuse(notFound("contact", ["id"]));
      const facts = await this.#parts.facts.read(transaction, input.customFields ?? []);
      const problems: Problem[] = [];
      const fields = readContact(input, before, facts, ["input"], problems);
      const from = lead.contactIds.indexOf(id);
      const to = readPosition(input.position, from, lead.contactIds.length, problems);
      transaction.refuseIf(problems);
      const isMoved = to !== from;
      if (!isMoved && !diff(fieldsOfContact(before), fieldsOfContact(fields))) return id;
      const searchTerms = contactSearchTerms(fields);
      const after: Contact = { ...before, ...fields, searchTerms, version: before.version + 1, updatedAt: at };
      await transaction.update(this.#parts.contacts.collection, [{ before, after }]);
      if (isMoved || diff({ terms: before.searchTerms }, { terms: searchTerms })) {
        await arrange(transaction, lead, lead.contactIds.toSpliced(from, 1).toSpliced(to, 0, id), this.#parts);
      }
      const change = contactChange(before, after);
      if (isMoved) {
        change.before = { ...change.before, position: from };
        change.after = { ...change.after, position: to };
      }
      transaction.changed(change);
      return id;
    });
  }

  /** Its opportunities stay, without a contact. */
  delete(caller: Caller, id: string): Promise<Outcome<string>> {
    return this.#parts.writer.commit(caller, async (transaction) => {
      const { scope, session, at } = transaction;
      const { contacts, opportunities, leads, activities } = this.#parts;
      const [contact] = await contacts.findByIds(scope, [id], session);
      if (!contact) return transaction.refuse(notFound("contact", ["id"]));
      const [lead] = await leads.findByIds(scope, [contact.leadId], session);
      await contacts.collection.deleteMany(scope, { _id: id }, session);
      await activities.forgetContact(scope, id, session);
      if (lead)
        await arrange(
          transaction,
          lead,
          lead.contactIds.filter((other) => other !== id),
          this.#parts,
        );
      const own = await opportunities.ofContact(scope, { leadId: contact.leadId, contactId: id }, session);
      const pairs = own.map((before) => ({
        before,
        after: { ...before, contactId: null, version: before.version + 1, updatedAt: at },
      }));
      if (pairs.length > 0) await transaction.update(opportunities.collection, pairs);
      transaction.changed(
        ...pairs.map(({ before, after }) => opportunityChange(before, after)),
        contactChange(contact, null),
      );
      return id;
    });
  }
}

function readPosition(position: number | null | undefined, from: number, count: number, problems: Problem[]): number {
  if (position === null || position === undefined) return from;
  if (position >= 0 && position < count) return position;
  const message = `The lead has ${count} contacts: a position is from 0 to ${count - 1}.`;
  problems.push(problem("INVALID_VALUE", message, ["input", "position"]));
  return from;
}
