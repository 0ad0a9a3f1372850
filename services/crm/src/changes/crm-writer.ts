import { type Actor, type Causation, type CrmChange, NO_CAUSATION } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import type { OrganizationScope, Session, TenantCollection, TenantDocument } from "@cadenza/storage";
import { type IdempotentCall, IdempotencyKeys } from "@cadenza/subgraph";
import { done, type Outcome, type Problem, refused } from "../values/problem.ts";
import { type ChangedObject, crmChange, type Origin } from "./crm-change.ts";
import { documentUpdate } from "./document-update.ts";

/** On whose behalf something is changed, and where. */
export type Caller = { scope: OrganizationScope; actor: Actor };

/** Undoes a transaction because of what the caller must put right. */
class Refusal extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join(" "));
    this.problems = problems;
  }
}

/** One transaction of the CRM: what it writes, and the events of what it changed. */
export class CrmTransaction {
  readonly scope: OrganizationScope;
  readonly session: Session;
  readonly origin: Origin;
  readonly unit: UnitOfWork;
  readonly #changes: CrmChange[] = [];

  constructor(scope: OrganizationScope, unit: UnitOfWork, origin: Origin) {
    this.scope = scope;
    this.session = unit.session;
    this.origin = origin;
    this.unit = unit;
  }

  get at(): Date {
    return this.origin.at;
  }

  /** Adds the events of changed objects (CRM-3); those in which nothing differs are left out. */
  changed(...objects: readonly ChangedObject[]): void {
    for (const object of objects) {
      const change = crmChange(object, this.origin);
      if (change) this.#changes.push(change);
    }
  }

  /** Ends the transaction without effect where anything is wrong. */
  refuseIf(problems: readonly Problem[]): void {
    if (problems.length > 0) throw new Refusal(problems);
  }

  refuse(...problems: readonly Problem[]): never {
    throw new Refusal(problems);
  }

  /** Writes new states of documents as they were read in this transaction. */
  async update<T extends TenantDocument & { version: number }>(
    collection: TenantCollection<T>,
    pairs: readonly { before: T; after: T }[],
  ): Promise<void> {
    const operations = pairs.map(({ before, after }) => documentUpdate(before, after));
    const { matched } = await collection.bulkWrite(this.scope, operations, this.session);
    if (matched !== pairs.length) throw new Error(`Documents of ${collection.name} changed within a transaction.`);
  }

  tell(): void {
    if (this.#changes.length === 0) return;
    const { organizationId } = this.scope;
    this.unit.tell({ kind: "crmChanged", organizationId, items: this.#changes });
    const merges = this.#changes.filter(({ mergedInto }) => mergedInto);
    if (merges.length > 0) this.unit.tell({ kind: "subjectMerged", organizationId, items: merges });
  }
}

/** Commits changes that people and clients ask for: all of one, or none of it and the reasons. */
export class CrmWriter {
  readonly #committer: Committer;
  readonly #idempotency: IdempotencyKeys;

  constructor(committer: Committer) {
    this.#committer = committer;
    this.#idempotency = new IdempotencyKeys(committer.database);
  }

  async commit<T>(
    caller: Caller,
    work: (transaction: CrmTransaction) => Promise<T>,
    causation: Causation = NO_CAUSATION,
  ): Promise<Outcome<T>> {
    return refusalsAsOutcome(() =>
      this.#committer.commit(async (unit) => {
        const origin = { actor: caller.actor, causation, at: this.#committer.clock.now() };
        const transaction = new CrmTransaction(caller.scope, unit, origin);
        const result = await work(transaction);
        transaction.tell();
        return result;
      }),
    );
  }

  /** As `commit`, but a call with a key that was answered before is answered so again. Let the answer be an id. */
  commitOnce<T>(
    caller: Caller,
    call: Omit<IdempotentCall, "at">,
    work: (transaction: CrmTransaction) => Promise<T>,
  ): Promise<Outcome<T>> {
    return this.commit(caller, async (transaction) => {
      const { scope, session, at } = transaction;
      const once = await this.#idempotency.once(scope, { ...call, at }, session, () => work(transaction));
      if ("answer" in once) return once.answer;
      const { code, message, path } = once.userError;
      return transaction.refuse({ code, message, path: path ?? [] });
    });
  }
}

async function refusalsAsOutcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return done(await work());
  } catch (error) {
    if (error instanceof Refusal) return refused(error.problems);
    throw error;
  }
}
