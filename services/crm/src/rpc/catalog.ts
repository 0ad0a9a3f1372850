import type { CatalogRequest, CatalogResponse } from "@cadenza/contracts";
import { CadenzaError } from "@cadenza/platform";
import { type OrganizationScope, organizationScope } from "@cadenza/storage";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Group } from "../groups/group.ts";
import type { GroupStore } from "../groups/store.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { User } from "../users/user.ts";
import type { UserStore } from "../users/store.ts";
import { customFieldView } from "./views.ts";

type Stores = { organizations: OrganizationStore; users: UserStore; groups: GroupStore };

/** All fields and statuses, and the users and groups asked for, by id and by what people call them (WF-8). */
export async function catalog(stores: Stores, catalogs: Catalogs, request: CatalogRequest): Promise<CatalogResponse> {
  const scope = organizationScope(request.organizationId);
  const [organization, defined, users, groups] = await Promise.all([
    stores.organizations.find(scope),
    catalogs.fresh(scope),
    stores.users.called(scope, request.users),
    stores.groups.called(scope, request.groups),
  ]);
  if (!organization) throw new CadenzaError("NOT_FOUND", "There is no such organization.");
  const active = await activeMembers(stores.users, scope, groups);
  return {
    organizationTimeZone: organization.timeZone,
    users: users.map(({ _id: id, name, email, status }: User) => ({ id, name, email, status })),
    groups: groups.map(({ _id: id, name, memberIds }) => ({
      id,
      name,
      activeMembers: memberIds.filter((member) => active.has(member)).length,
    })),
    customFields: [...defined.fields.values()].map(customFieldView),
    leadStatuses: defined.leadStatuses.map(({ _id: id, name }) => ({ id, name })),
    opportunityStatuses: defined.opportunityStatuses.map(({ _id: id, name, kind }) => ({ id, name, kind })),
  };
}

async function activeMembers(
  users: UserStore,
  scope: OrganizationScope,
  groups: readonly Group[],
): Promise<ReadonlySet<string>> {
  const members = await users.findByIds(
    scope,
    groups.flatMap(({ memberIds }) => memberIds),
  );
  return new Set(members.flatMap((member) => (member?.status === "ACTIVE" ? [member._id] : [])));
}
