import type { Database, Filter, OrganizationScope, Session, TenantCollection, Update } from "@cadenza/storage";
import { searchCondition } from "../values/search-terms.ts";
import type { Lead } from "./lead.ts";

export type LeadFilter = {
  ids?: readonly string[] | null;
  statusIds?: readonly string[] | null;
  search?: string | null;
  where?: Filter<Lead> | null;
};

export class LeadStore {
  readonly collection: TenantCollection<Lead>;

  constructor(database: Database) {
    this.collection = database.tenant("leads");
  }

  /** In the order of `ids`; null where the organization has none with that id. */
  findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(Lead | null)[]> {
    return this.collection.findByIds(scope, ids, session);
  }

  /** Newest first; up to `limit + 1`. */
  page(scope: OrganizationScope, filter: LeadFilter, page: { limit: number; after: string | null }): Promise<Lead[]> {
    const conditions = [...conditionsOf(filter), ...(page.after === null ? [] : [{ _id: { $lt: page.after } }])];
    return this.collection.find(scope, allOf(conditions), { sort: { _id: -1 }, limit: page.limit + 1 });
  }

  /** Makes this transaction conflict with one that deletes the lead, so that nothing is added to a lead that is gone. */
  async hold(scope: OrganizationScope, id: string, session: Session): Promise<void> {
    await this.collection.updateOne(scope, { _id: id }, { $inc: { holds: 1 } } as Update<Lead>, session);
  }

  /** Ids of those that a condition finds, in no order; null where they are more than `limit`. */
  async idsWithin(scope: OrganizationScope, condition: Filter<Lead>, limit: number): Promise<string[] | null> {
    const options = { projection: { _id: 1 }, limit: limit + 1 };
    const found = await this.collection.find(scope, condition, options);
    return found.length > limit ? null : found.map(({ _id }) => _id);
  }

  count(scope: OrganizationScope, filter: LeadFilter): Promise<number> {
    return this.collection.count(scope, allOf(conditionsOf(filter)));
  }
}

function conditionsOf(filter: LeadFilter): Filter<Lead>[] {
  const search = searchCondition("searchTerms", filter.search ?? "");
  return [
    ...(filter.ids ? [{ _id: { $in: [...filter.ids] } } as Filter<Lead>] : []),
    ...(filter.statusIds ? [{ statusId: { $in: [...filter.statusIds] } } as Filter<Lead>] : []),
    ...(search ? [search as Filter<Lead>] : []),
    ...(filter.where ? [filter.where] : []),
  ];
}

function allOf(conditions: readonly Filter<Lead>[]): Filter<Lead> {
  return conditions.length > 0 ? ({ $and: [...conditions] } as Filter<Lead>) : {};
}
