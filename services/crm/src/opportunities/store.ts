import type { Database, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Opportunity } from "./opportunity.ts";

export class OpportunityStore {
  readonly collection: TenantCollection<Opportunity>;

  constructor(database: Database) {
    this.collection = database.tenant("opportunities");
  }

  /** In the order of `ids`; null where the organization has none with that id. */
  findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(Opportunity | null)[]> {
    return this.collection.findByIds(scope, ids, session);
  }

  /** All of a lead's opportunities that name the contact, in no order. */
  ofContact(
    scope: OrganizationScope,
    { leadId, contactId }: { leadId: string; contactId: string },
    session: Session,
  ): Promise<Opportunity[]> {
    return this.collection.find(scope, { leadId, contactId }, {}, session);
  }

  /** All opportunities of these leads, newest first. */
  ofLeads(scope: OrganizationScope, leadIds: readonly string[], session?: Session): Promise<Opportunity[]> {
    return this.collection.find(scope, { leadId: { $in: [...leadIds] } }, { sort: { _id: -1 } }, session);
  }
}
