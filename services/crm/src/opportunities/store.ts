import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Opportunity } from "./opportunity.ts";

/** Open statuses are few and the closed opportunities many: with the status in front, a search passes over none of those. */
export const LAST_CHANGE_INDEX = "lastChangeByStatus";

export type LastChanged = Pick<Opportunity, "_id" | "leadId" | "contactId" | "version" | "updatedAt">;

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

  /** Of some statuses, those last changed within `(after, until]`, by that instant and id; `afterId` is at `after` itself. */
  lastChanged(
    scope: OrganizationScope,
    statusIds: readonly string[],
    range: { after: Date; afterId: string | null; until: Date | null },
    limit: number,
  ): Promise<LastChanged[]> {
    const { after, afterId, until } = range;
    const updatedAt = { [afterId === null ? "$gt" : "$gte"]: after, ...(until ? { $lte: until } : {}) };
    const rest = afterId === null ? {} : { $or: [{ updatedAt: { $gt: after } }, { _id: { $gt: afterId } }] };
    const filter = { statusId: { $in: [...statusIds] }, updatedAt, ...rest } as Filter<Opportunity>;
    const projection = { leadId: 1, contactId: 1, version: 1, updatedAt: 1 };
    return this.collection.find(scope, filter, {
      sort: { updatedAt: 1, _id: 1 },
      limit,
      projection,
      hint: LAST_CHANGE_INDEX,
    });
  }
}
