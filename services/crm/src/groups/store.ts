import type { Database, Filter, OrganizationScope, TenantCollection } from "@cadenza/storage";
import { nameKey } from "../values/names.ts";
import type { Group } from "./group.ts";

export class GroupStore {
  readonly collection: TenantCollection<Group>;

  constructor(database: Database) {
    this.collection = database.tenant("groups");
  }

  list(scope: OrganizationScope): Promise<Group[]> {
    return this.collection.find(scope, {}, { sort: { _id: -1 } });
  }

  /** Groups by id and by name, whatever its case. */
  called(
    scope: OrganizationScope,
    { ids, names }: { ids: readonly string[]; names: readonly string[] },
  ): Promise<Group[]> {
    if (ids.length + names.length === 0) return Promise.resolve([]);
    const filter = { $or: [{ _id: { $in: [...ids] } }, { nameKey: { $in: names.map(nameKey) } }] } as Filter<Group>;
    return this.collection.find(scope, filter, { sort: { _id: 1 } });
  }

  /** Groups of each of `userIds`, in their order. */
  async ofUsers(scope: OrganizationScope, userIds: readonly string[]): Promise<Group[][]> {
    const groups = await this.collection.find(scope, { memberIds: { $in: [...userIds] } }, { sort: { _id: -1 } });
    return userIds.map((userId) => groups.filter(({ memberIds }) => memberIds.includes(userId)));
  }
}
