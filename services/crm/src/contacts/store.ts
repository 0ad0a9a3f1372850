import type { Database, Document, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { ContactWhere } from "../filters/where-filters.ts";
import type { LeadStore } from "../leads/store.ts";
import { searchCondition } from "../values/search-terms.ts";
import type { Contact } from "./contact.ts";

export type ContactFilter = {
  ids?: readonly string[] | null | undefined;
  leadIds?: readonly string[] | null | undefined;
  search?: string | null | undefined;
  where?: ContactWhere | null | undefined;
};

/** Leads whose ids a query may carry; more are looked at one by one, at each contact. About 4 MB. */
const MAX_LEADS = 100_000;
/** Parts of a condition that may each ask for leads. */
const MAX_PARTS = 10;

export class ContactStore {
  readonly collection: TenantCollection<Contact>;
  readonly #leads: LeadStore;
  readonly #maxLeads: number;

  /** @param options.maxLeads leads that a condition may find for their contacts to be found by their ids (default 100,000). */
  constructor(database: Database, leads: LeadStore, options: { maxLeads?: number } = {}) {
    this.collection = database.tenant("contacts");
    this.#leads = leads;
    this.#maxLeads = options.maxLeads ?? MAX_LEADS;
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
  async page(
    scope: OrganizationScope,
    filter: ContactFilter,
    page: { limit: number; after: string | null },
  ): Promise<Contact[]> {
    const query = await this.#queryOf(scope, filter, page.after === null ? null : { $lt: page.after });
    const options = { sort: { _id: -1 }, limit: page.limit + 1 } as const;
    if (!query.joined) return this.collection.find(scope, query.own, options);
    return this.collection.aggregate(scope, joinedPipeline(scope, query, options));
  }

  /** Ids only, oldest first, after `afterId`: for work that goes through all of them. */
  async scan(
    scope: OrganizationScope,
    filter: ContactFilter,
    page: { limit: number; afterId: string | null },
  ): Promise<Pick<Contact, "_id" | "leadId">[]> {
    const query = await this.#queryOf(scope, filter, page.afterId === null ? null : { $gt: page.afterId });
    const options = { sort: { _id: 1 }, limit: page.limit, projection: { _id: 1, leadId: 1 } } as const;
    if (!query.joined) return this.collection.find(scope, query.own, options);
    return this.collection.aggregate(scope, joinedPipeline(scope, query, options));
  }

  async count(scope: OrganizationScope, filter: ContactFilter): Promise<number> {
    const query = await this.#queryOf(scope, filter, null);
    if (!query.joined) return this.collection.count(scope, query.own);
    const pipeline = [...joinedPipeline(scope, query, {}), { $count: "count" }];
    const [counted] = await this.collection.aggregate<{ count: number }>(scope, pipeline);
    return counted?.count ?? 0;
  }

  /** @param range of ids, of the page. */
  async #queryOf(scope: OrganizationScope, filter: ContactFilter, range: object | null): Promise<ContactQuery> {
    const { where } = filter;
    const found = where ? await this.#leadsOf(scope, where) : [];
    const own = allOf([
      ...conditionsOf(filter),
      ...(where && found ? [where.byLeads(found)] : []),
      ...(range ? [{ _id: range } as Filter<Contact>] : []),
    ]);
    return { own, joined: where && !found ? where.joined : null };
  }

  /** Ids of the leads that each part of the condition finds; null where they are too many. */
  async #leadsOf(scope: OrganizationScope, { ofLead }: ContactWhere): Promise<string[][] | null> {
    if (ofLead.length > MAX_PARTS) return null;
    const most = Math.floor(this.#maxLeads / ofLead.length);
    const found = await Promise.all(ofLead.map((part) => this.#leads.idsWithin(scope, part, most)));
    const ids = found.filter((part) => part !== null);
    return ids.length === found.length ? ids : null;
  }
}

/** `joined`: what contacts must also hold to once they have their lead; null where that is not looked at. */
type ContactQuery = { own: Filter<Contact>; joined: Filter<Contact> | null };

/** Goes through the contacts in their order and looks at each one's lead, until there are enough. */
function joinedPipeline(
  { organizationId }: OrganizationScope,
  { own, joined }: ContactQuery,
  { sort, limit, projection }: { sort?: Document; limit?: number; projection?: Document },
): Document[] {
  return [
    { $match: own },
    ...(sort ? [{ $sort: sort }] : []),
    {
      $lookup: {
        from: "leads",
        localField: "leadId",
        foreignField: "_id",
        pipeline: [{ $match: { organizationId } }],
        as: "lead",
      },
    },
    { $unwind: "$lead" },
    { $match: joined },
    ...(limit === undefined ? [] : [{ $limit: limit }]),
    projection ? { $project: projection } : { $unset: "lead" },
  ];
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
