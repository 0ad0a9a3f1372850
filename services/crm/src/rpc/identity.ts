import type { ResolveIdentityRequest, ResolveIdentityResponse } from "@cadenza/contracts";
import type { Clock } from "@cadenza/platform";
import { organizationScope } from "@cadenza/storage";
import type { ApiKey } from "../organizations/organization.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { UserStore } from "../users/store.ts";

/** A key's last use is written at most this often. */
const TOUCH_EVERY_MS = 60_000;

/** Who bears a token or a key: an active user, or an unrevoked key. */
export async function resolveIdentity(
  stores: { organizations: OrganizationStore; users: UserStore },
  clock: Clock,
  request: ResolveIdentityRequest,
): Promise<ResolveIdentityResponse> {
  if ("apiKeyHash" in request) {
    const key = await stores.organizations.findApiKeyByHash(request.apiKeyHash);
    if (!key) return { identity: null };
    await touch(stores.organizations, key, clock.now());
    const { organizationId, role, _id: apiKeyId, name: label } = key;
    return { identity: { organizationId, role, userId: null, apiKeyId, label } };
  }
  const scope = organizationScope(request.organizationId);
  const [user] = await stores.users.findByIds(scope, [request.userId]);
  if (user?.status !== "ACTIVE") return { identity: null };
  const { organizationId, role, _id: userId, name: label } = user;
  return { identity: { organizationId, role, userId, apiKeyId: null, label } };
}

async function touch(store: OrganizationStore, key: ApiKey, now: Date): Promise<void> {
  const lastMs = key.lastUsedAt?.getTime() ?? 0;
  if (now.getTime() - lastMs < TOUCH_EVERY_MS) return;
  const scope = organizationScope(key.organizationId);
  await store.apiKeys.updateOne(scope, { _id: key._id }, { $max: { lastUsedAt: now } });
}
