import { EMAIL_ACCOUNTS_COLLECTION, type EmailAccountDocument } from "@cadenza/sending";
import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

export class EmailAccountStore {
  readonly #accounts: TenantCollection<EmailAccountDocument>;

  constructor(database: Database) {
    this.#accounts = database.tenant(EMAIL_ACCOUNTS_COLLECTION);
  }

  findByIds(
    scope: OrganizationScope,
    ids: readonly string[],
    session?: Session,
  ): Promise<(EmailAccountDocument | null)[]> {
    return this.#accounts.findByIds(scope, ids, session);
  }

  /** Oldest first. */
  findByOwners(scope: OrganizationScope, ownerIds: readonly string[]): Promise<EmailAccountDocument[]> {
    const filter = { ownerId: { $in: [...ownerIds] } } as Filter<EmailAccountDocument>;
    return this.#accounts.find(scope, filter, { sort: { _id: 1 } });
  }

  /** Accounts that senders own, or that were chosen for them. */
  findCandidates(
    scope: OrganizationScope,
    senderIds: readonly string[],
    chosenIds: readonly string[],
  ): Promise<EmailAccountDocument[]> {
    const own = { ownerId: { $in: [...new Set(senderIds)] } };
    const chosen = { _id: { $in: [...new Set(chosenIds)] } };
    const filter = (chosenIds.length > 0 ? { $or: [own, chosen] } : own) as Filter<EmailAccountDocument>;
    return this.#accounts.find(scope, filter, { sort: { _id: 1 } });
  }

  /** @throws a duplicate key error where the organization has the address connected already. */
  async insert(scope: OrganizationScope, account: EmailAccountDocument, session: Session): Promise<void> {
    await this.#accounts.insertMany(scope, [account], session);
  }

  /** @returns whether the account still had the version before. */
  async replace(scope: OrganizationScope, account: EmailAccountDocument, session: Session): Promise<boolean> {
    const { _id, organizationId: _organizationId, ...values } = account;
    const filter = { _id, version: account.version - 1 } as Filter<EmailAccountDocument>;
    const { matched } = await this.#accounts.updateOne(scope, filter, { $set: values }, session);
    return matched === 1;
  }

  /** A user has one default account. */
  async clearDefaults(scope: OrganizationScope, ownerId: string, exceptId: string, session: Session): Promise<void> {
    const filter = { ownerId, default: true, _id: { $ne: exceptId } } as Filter<EmailAccountDocument>;
    await this.#accounts.updateMany(scope, filter, { $set: { default: false }, $inc: { version: 1 } }, session);
  }
}
