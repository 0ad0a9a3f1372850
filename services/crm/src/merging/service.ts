import type { ActivityStore } from "../activities/store.ts";
import type { Caller, CrmTransaction, CrmWriter } from "../changes/crm-writer.ts";
import type { ContactStore } from "../contacts/store.ts";
import type { LeadStore } from "../leads/store.ts";
import type { OpportunityStore } from "../opportunities/store.ts";
import { notFound, type Outcome, problem } from "../values/problem.ts";
import { mergeContacts } from "./merge-contacts.ts";
import { mergeLeads } from "./merge-leads.ts";
import type { MergeStore } from "./store.ts";

export type MergeInput = { sourceId: string; destinationId: string };

export type MergeStores = {
  leads: LeadStore;
  contacts: ContactStore;
  opportunities: OpportunityStore;
  activities: ActivityStore;
  merges: MergeStore;
};

/** Makes one of two (RUN-9): the destination stays, the source is gone, and nothing names it any more. */
export class MergeService {
  readonly #parts: MergeStores & { writer: CrmWriter };

  constructor(parts: MergeStores & { writer: CrmWriter }) {
    this.#parts = parts;
  }

  /** @returns the destination's id. */
  leads(caller: Caller, input: MergeInput): Promise<Outcome<string>> {
    return this.#merge(caller, input, async (transaction) => {
      const { source, destination } = await readBoth(transaction, this.#parts.leads, "lead", input);
      await mergeLeads(transaction, this.#parts, { source, destination });
    });
  }

  /** @returns the destination's id. */
  contacts(caller: Caller, input: MergeInput): Promise<Outcome<string>> {
    return this.#merge(caller, input, async (transaction) => {
      const { source, destination } = await readBoth(transaction, this.#parts.contacts, "contact", input);
      await mergeContacts(transaction, this.#parts, { source, destination });
    });
  }

  #merge(
    caller: Caller,
    { sourceId, destinationId }: MergeInput,
    work: (transaction: CrmTransaction) => Promise<void>,
  ): Promise<Outcome<string>> {
    return this.#parts.writer.commit(caller, async (transaction) => {
      if (sourceId === destinationId) {
        transaction.refuse(problem("SAME_OBJECT", "Nothing can be merged into itself.", ["destinationId"]));
      }
      await work(transaction);
      const { scope, session, at } = transaction;
      await this.#parts.merges.keep(scope, { from: sourceId, into: destinationId }, at, session);
      return destinationId;
    });
  }
}

async function readBoth<T>(
  transaction: CrmTransaction,
  store: { findByIds(...args: Parameters<LeadStore["findByIds"]>): Promise<(T | null)[]> },
  what: string,
  { sourceId, destinationId }: MergeInput,
): Promise<{ source: T; destination: T }> {
  const { scope, session } = transaction;
  const [source, destination] = await store.findByIds(scope, [sourceId, destinationId], session);
  const problems = [
    ...(source ? [] : [notFound(what, ["sourceId"])]),
    ...(destination ? [] : [notFound(what, ["destinationId"])]),
  ];
  if (!source || !destination) return transaction.refuse(...problems);
  return { source, destination };
}
