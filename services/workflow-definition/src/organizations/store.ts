import type { Database, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

/** What this service must know of an organization by itself: crm tells it with every change. */
export type Organization = {
  /** The organization's own id. */
  _id: string;
  organizationId: string;
  /** crm's: the higher of two is the newer. */
  version: number;
  timeZone: string;
};

export class OrganizationStore {
  readonly #organizations: TenantCollection<Organization>;

  constructor(database: Database) {
    this.#organizations = database.tenant("organizations");
  }

  /** Null where nothing of it has changed since this service listens. */
  async find(scope: OrganizationScope, session: Session): Promise<Organization | null> {
    return this.#organizations.findOne(scope, { _id: scope.organizationId }, session);
  }

  async save(
    scope: OrganizationScope,
    known: Pick<Organization, "version" | "timeZone">,
    session: Session,
  ): Promise<void> {
    const { organizationId } = scope;
    await this.#organizations.updateOne(scope, { _id: organizationId }, { $set: known }, session, { upsert: true });
  }
}
