import type { Database, Filter, OrganizationScope, Session, TenantCollection, Update } from "@cadenza/storage";
import type { Activity } from "./activity.ts";

export class ActivityStore {
  readonly collection: TenantCollection<Activity>;

  constructor(database: Database) {
    this.collection = database.tenant("activities");
  }

  findByExternalId(scope: OrganizationScope, externalId: string, session: Session): Promise<Activity | null> {
    return this.collection.findOne(scope, { externalId }, session);
  }

  /** All of a lead that goes into another one. */
  async moveLead(scope: OrganizationScope, from: string, to: string, session: Session): Promise<void> {
    await this.collection.updateMany(scope, { leadId: from }, { $set: { leadId: to } }, session);
  }

  /** All of a contact that goes into another one, with the lead of that one. */
  async moveContact(
    scope: OrganizationScope,
    from: string,
    to: { id: string; leadId: string },
    session: Session,
  ): Promise<void> {
    const update = { $set: { contactId: to.id, leadId: to.leadId } };
    await this.collection.updateMany(scope, { contactId: from }, update, session);
  }

  /** What was said of a lead goes with it; the external ids stay used. */
  async forgetLead(scope: OrganizationScope, leadId: string, session: Session): Promise<void> {
    const nothing = { $set: { leadId: null, contactId: null, userId: null, data: {} } } as Update<Activity>;
    await this.collection.updateMany(scope, { leadId } as Filter<Activity>, nothing, session);
  }

  async forgetContact(scope: OrganizationScope, contactId: string, session: Session): Promise<void> {
    await this.collection.updateMany(scope, { contactId }, { $set: { contactId: null } }, session);
  }
}
