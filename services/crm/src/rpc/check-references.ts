import type { CheckReferencesRequest, CheckReferencesResponse } from "@cadenza/contracts";
import { CadenzaError } from "@cadenza/platform";
import { organizationScope } from "@cadenza/storage";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { GroupStore } from "../groups/store.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { UserStore } from "../users/store.ts";
import { customFieldView } from "./views.ts";

type Stores = { organizations: OrganizationStore; users: UserStore; groups: GroupStore };

/** Which of these ids the organization has, and what they are (WF-5). */
export async function checkReferences(
  stores: Stores,
  catalogs: Catalogs,
  request: CheckReferencesRequest,
): Promise<CheckReferencesResponse> {
  const scope = organizationScope(request.organizationId);
  const [organization, catalog, users, groups] = await Promise.all([
    stores.organizations.find(scope),
    catalogs.fresh(scope),
    stores.users.findByIds(scope, request.userIds),
    stores.groups.collection.findByIds(scope, request.groupIds),
  ]);
  if (!organization) throw new CadenzaError("NOT_FOUND", "There is no such organization.");
  const found = groups.filter((group) => group !== null);
  const members = await stores.users.findByIds(
    scope,
    found.flatMap(({ memberIds }) => memberIds),
  );
  const active = new Set(members.filter((member) => member?.status === "ACTIVE").map((member) => member!._id));
  return {
    organizationTimeZone: organization.timeZone,
    users: users.filter((user) => user !== null).map(({ _id: id, status }) => ({ id, status })),
    groups: found.map(({ _id: id, memberIds }) => ({
      id,
      activeMembers: memberIds.filter((m) => active.has(m)).length,
    })),
    customFields: request.customFieldIds
      .map((id) => catalog.fields.get(id))
      .filter((field) => field !== undefined)
      .map(customFieldView),
    leadStatusIds: request.leadStatusIds.filter((id) => catalog.leadStatus(id)),
    opportunityStatusIds: catalog.opportunityStatuses.map(({ _id }) => _id),
  };
}
