import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import { searchCondition } from "../values/search-terms.ts";
import type { Contact } from "./contact.ts";

export type ContactFilter = {
  ids?: readonly string[] | null | undefined;
  leadIds?: readonly string[] | null | undefined;
  search?: string | null | undefined;
};

export class ContactStore {
  readonly collection: TenantCollection<Contact>;

  constructor(database: Database) {
    this.collection = database.tenant("contacts");
  }

  /** In the order of `ids`; null where the organization has none with that id. */
  findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(Contact | null)[]> {
    return this.collection.findByIds(scope, ids, session);
  }

  /** All contacts of these leads, in no order. */
  ofLeads(scope: OrganizationScope, leadIds: readonly string[], session?: Session): Promise<Contact[]> {
    return this.collection.find(scope, { leadId: { $in: [...leadIds] } }, {}, session);
  }

  /** Newest first; up to `limit + 1`. */
  page(
    scope: OrganizationScope,
    filter: ContactFilter,
    page: { limit: number; after: string | null },
  ): Promise<Contact[]> {
    const conditions = [...conditionsOf(filter), ...(page.after === null ? [] : [{ _id: { $lt: page.after } }])];
    return this.collection.find(scope, allOf(conditions), { sort: { _id: -1 }, limit: page.limit + 1 });
  }

  /** Ids only, oldest first, after `afterId`: for work that goes through all of them. */
  scan(
    scope: OrganizationScope,
    filter: ContactFilter,
    page: { limit: number; afterId: string | null },
  ): Promise<Pick<Contact, "_id" | "leadId">[]> {
    const conditions = [...conditionsOf(filter), ...(page.afterId === null ? [] : [{ _id: { $gt: page.afterId } }])];
    const projection = { _id: 1, leadId: 1 };
    return this.collection.find(scope, allOf(conditions), { sort: { _id: 1 }, limit: page.limit, projection });
  }

  count(scope: OrganizationScope, filter: ContactFilter): Promise<number> {
    return this.collection.count(scope, allOf(conditionsOf(filter)));
  }
}

function conditionsOf(filter: ContactFilter): Filter<Contact>[] {
  const search = searchCondition("searchTerms", filter.search ?? "");
  return [
    ...(filter.ids ? [{ _id: { $in: [...filter.ids] } } as Filter<Contact>] : []),
    ...(filter.leadIds ? [{ leadId: { $in: [...filter.leadIds] } } as Filter<Contact>] : []),
    ...(search ? [search as Filter<Contact>] : []),
  ];
}

function allOf(conditions: readonly Filter<Contact>[]): Filter<Contact> {
  return conditions.length > 0 ? ({ $and: [...conditions] } as Filter<Contact>) : {};
}
