import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import { addressKey } from "../values/email-address.ts";
import { ANY_CASE } from "../values/names.ts";
import { searchCondition } from "../values/search-terms.ts";
import type { User } from "./user.ts";

export type UserFilter = { status?: User["status"] | null; memberIds?: readonly string[]; search?: string | null };

export class UserStore {
  readonly collection: TenantCollection<User>;

  constructor(database: Database) {
    this.collection = database.tenant("users");
  }

  /** In the order of `ids`; null where the organization has none with that id. */
  findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(User | null)[]> {
    return this.collection.findByIds(scope, ids, session);
  }

  /** Which of `ids` are users of the organization. */
  async existing(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const filter = { _id: { $in: [...new Set(ids)] } } as Filter<User>;
    const found = await this.collection.find(scope, filter, { projection: { _id: 1 } }, session);
    return new Set(found.map(({ _id }) => _id));
  }

  /** Users by what a text calls them: their ids and their addresses. */
  async idsByWord(
    scope: OrganizationScope,
    words: readonly string[],
    session?: Session,
  ): Promise<ReadonlyMap<string, string>> {
    if (words.length === 0) return new Map();
    const keys = [...new Set(words.map((word) => word.toLowerCase()))];
    const filter = { $or: [{ _id: { $in: [...new Set(words)] } }, { emailKey: { $in: keys } }] } as Filter<User>;
    const found = await this.collection.find(scope, filter, { projection: { _id: 1, emailKey: 1 } }, session);
    return new Map(found.flatMap(({ _id, emailKey }) => [[_id, _id] as const, [emailKey, _id] as const]));
  }

  /** Users by id, by address and by name, each whatever its case; there may be several of one name. */
  async called(
    scope: OrganizationScope,
    { ids, emails, names }: { ids: readonly string[]; emails: readonly string[]; names: readonly string[] },
  ): Promise<User[]> {
    const options = { sort: { _id: 1 } } as const;
    const [byKey, byName] = await Promise.all([
      ids.length + emails.length > 0
        ? this.collection.find(
            scope,
            { $or: [{ _id: { $in: [...ids] } }, { emailKey: { $in: emails.map(addressKey) } }] } as Filter<User>,
            options,
          )
        : [],
      names.length > 0
        ? this.collection.find(scope, { name: { $in: [...names] } }, { ...options, collation: ANY_CASE })
        : [],
    ]);
    return [...new Map([...byKey, ...byName].map((user) => [user._id, user])).values()];
  }

  /** Newest first; up to `limit + 1`. */
  page(scope: OrganizationScope, filter: UserFilter, page: { limit: number; after: string | null }): Promise<User[]> {
    const search = searchCondition("searchTerms", filter.search ?? "");
    const conditions: Filter<User>[] = [
      ...(filter.status ? [{ status: filter.status } as Filter<User>] : []),
      ...(filter.memberIds ? [{ _id: { $in: [...filter.memberIds] } } as Filter<User>] : []),
      ...(page.after === null ? [] : [{ _id: { $lt: page.after } } as Filter<User>]),
      ...(search ? [search as Filter<User>] : []),
    ];
    const all = conditions.length > 0 ? ({ $and: conditions } as Filter<User>) : {};
    return this.collection.find(scope, all, { sort: { _id: -1 }, limit: page.limit + 1 });
  }
}
