import { newId } from "@cadenza/platform";
import { type Database, isDuplicateKey, type TenantCollection } from "@cadenza/storage";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Caller, CrmTransaction, CrmWriter } from "../changes/crm-writer.ts";
import { nameKey } from "../values/names.ts";
import { type Outcome, type Problem, problem, refused } from "../values/problem.ts";
import { readName } from "../values/text.ts";
import type { LeadStatus, OpportunityStatus, OpportunityStatusKind } from "./status.ts";

const MAX_STATUSES = 500;

export class StatusService {
  readonly #writer: CrmWriter;
  readonly #leadStatuses: TenantCollection<LeadStatus>;
  readonly #opportunityStatuses: TenantCollection<OpportunityStatus>;
  readonly #catalogs: Catalogs;

  constructor(writer: CrmWriter, database: Database, catalogs: Catalogs) {
    this.#writer = writer;
    this.#leadStatuses = database.tenant("leadStatuses");
    this.#opportunityStatuses = database.tenant("opportunityStatuses");
    this.#catalogs = catalogs;
  }

  /** @returns the new status's id. */
  createLeadStatus(caller: Caller, name: string): Promise<Outcome<string>> {
    return this.#create(caller, name, async (transaction, status) => {
      const { leadStatuses } = await this.#catalogs.fresh(transaction.scope, transaction.session);
      if (leadStatuses.length >= MAX_STATUSES) transaction.refuse(tooMany());
      await this.#leadStatuses.insertMany(transaction.scope, [status], transaction.session);
    });
  }

  /** @returns the new status's id. */
  createOpportunityStatus(caller: Caller, name: string, kind: OpportunityStatusKind): Promise<Outcome<string>> {
    return this.#create(caller, name, async (transaction, status) => {
      const { opportunityStatuses } = await this.#catalogs.fresh(transaction.scope, transaction.session);
      if (opportunityStatuses.length >= MAX_STATUSES) transaction.refuse(tooMany());
      await this.#opportunityStatuses.insertMany(transaction.scope, [{ ...status, kind }], transaction.session);
    });
  }

  async #create(
    caller: Caller,
    text: string,
    insert: (transaction: CrmTransaction, status: LeadStatus) => Promise<void>,
  ): Promise<Outcome<string>> {
    const problems: Problem[] = [];
    const name = readName(text, ["name"], problems);
    if (problems.length > 0) return refused(problems);
    const { scope } = caller;
    try {
      return await this.#writer.commit(caller, async (transaction) => {
        const { at } = transaction;
        const place = { _id: newId(at), organizationId: scope.organizationId };
        await insert(transaction, { ...place, name, nameKey: nameKey(name), version: 1, createdAt: at, updatedAt: at });
        transaction.unit.afterCommit(() => this.#catalogs.forget(scope));
        return place._id;
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return refused([problem("NAME_TAKEN", "A status with this name exists already.", ["name"])]);
    }
  }
}

function tooMany(): Problem {
  return problem("TOO_MANY", `An organization has at most ${MAX_STATUSES} statuses of a kind.`, ["name"]);
}
