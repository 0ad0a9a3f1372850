import { newId } from "@cadenza/platform";
import type { Caller, CrmTransaction, CrmWriter } from "../changes/crm-writer.ts";
import { diff } from "../changes/diff.ts";
import type { ReadingFactsSource } from "../changes/reading-facts.ts";
import type { LeadStore } from "../leads/store.ts";
import { notFound, type Outcome, type Problem } from "../values/problem.ts";
import { fieldsOfOpportunity, type Opportunity, opportunityChange } from "./opportunity.ts";
import {
  type CreateOpportunityInput,
  type OpportunityFacts,
  readOpportunity,
  type UpdateOpportunityInput,
} from "./read-opportunity.ts";
import type { OpportunityStore } from "./store.ts";

export type OpportunityServiceParts = {
  writer: CrmWriter;
  facts: ReadingFactsSource;
  leads: LeadStore;
  opportunities: OpportunityStore;
};

export class OpportunityService {
  readonly #parts: OpportunityServiceParts;

  constructor(parts: OpportunityServiceParts) {
    this.#parts = parts;
  }

  /** @returns the new opportunity's id. */
  create(caller: Caller, input: CreateOpportunityInput): Promise<Outcome<string>> {
    const call = { operation: "createOpportunity", key: input.idempotencyKey, input };
    return this.#parts.writer.commitOnce(caller, call, async (transaction) => {
      const { scope, session, at } = transaction;
      const facts = await this.#facts(transaction, input.leadId, input, ["input", "leadId"]);
      const problems: Problem[] = [];
      const fields = readOpportunity(input, null, facts, problems);
      transaction.refuseIf(problems);
      const place = { _id: newId(at), organizationId: scope.organizationId, leadId: input.leadId };
      const opportunity: Opportunity = { ...place, ...fields, version: 1, createdAt: at, updatedAt: at };
      await this.#parts.opportunities.collection.insertMany(scope, [opportunity], session);
      transaction.changed(opportunityChange(null, opportunity));
      return opportunity._id;
    });
  }

  update(caller: Caller, id: string, input: UpdateOpportunityInput): Promise<Outcome<string>> {
    return this.#parts.writer.commit(caller, async (transaction) => {
      const { scope, session, at } = transaction;
      const [before] = await this.#parts.opportunities.findByIds(scope, [id], session);
      if (!before) return transaction.refuse(notFound("opportunity", ["id"]));
      const facts = await this.#facts(transaction, before.leadId, input, ["id"]);
      const problems: Problem[] = [];
      const fields = readOpportunity(input, before, facts, problems);
      transaction.refuseIf(problems);
      if (!diff(fieldsOfOpportunity(before), fieldsOfOpportunity(fields))) return id;
      const after: Opportunity = { ...before, ...fields, version: before.version + 1, updatedAt: at };
      await transaction.update(this.#parts.opportunities.collection, [{ before, after }]);
      transaction.changed(opportunityChange(before, after));
      return id;
    });
  }

  delete(caller: Caller, id: string): Promise<Outcome<string>> {
    return this.#parts.writer.commit(caller, async (transaction) => {
      const { scope, session } = transaction;
      const [opportunity] = await this.#parts.opportunities.findByIds(scope, [id], session);
      if (!opportunity) return transaction.refuse(notFound("opportunity", ["id"]));
      await this.#parts.opportunities.collection.deleteMany(scope, { _id: id }, session);
      transaction.changed(opportunityChange(opportunity, null));
      return id;
    });
  }

  async #facts(
    transaction: CrmTransaction,
    leadId: string,
    input: UpdateOpportunityInput,
    path: readonly string[],
  ): Promise<OpportunityFacts> {
    const [lead] = await this.#parts.leads.findByIds(transaction.scope, [leadId], transaction.session);
    if (!lead) return transaction.refuse(notFound("lead", path));
    await this.#parts.leads.hold(transaction.scope, leadId, transaction.session);
    const userIds = input.userId ? [input.userId] : [];
    const facts = await this.#parts.facts.read(transaction, input.customFields ?? [], userIds);
    return { ...facts, contactIds: lead.contactIds };
  }
}
