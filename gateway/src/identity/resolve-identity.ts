import type { IdentityService, ResolveIdentityResponse } from "@cadenza/contracts";
import { realClock, ServiceUnavailableError } from "@cadenza/platform";
import { LRUCache } from "lru-cache";
import type { Credential } from "./principal.ts";

export type Identity = NonNullable<ResolveIdentityResponse["identity"]>;
export type IdentityResolver = (credential: Credential) => Promise<Identity | null>;

/** How long an answer counts: a deactivated user or a revoked key is refused after this at the latest. */
const FRESH_MS = 5000;
/** How long the last answer still serves while crm is away: its outage must not fail what other services answer (API-6). */
const STALE_MS = 10 * 60_000;
/** While crm is away it is asked again this often. */
const RETRY_MS = 1000;

type Known = { identity: Identity | null; resolvedAtMs: number; askAgainAtMs: number };

/** Asks crm who a credential belongs to; null where there is no such active user or unrevoked key. */
export function createIdentityResolver(crm: IdentityService): IdentityResolver {
  const known = new LRUCache<string, Known>({ max: 50_000 });
  const asking = new Map<string, Promise<Identity | null>>();

  const ask = async (key: string, credential: Credential): Promise<Identity | null> => {
    const request =
      credential.kind === "USER"
        ? { organizationId: credential.organizationId, userId: credential.userId }
        : { apiKeyHash: credential.hash };
    try {
      const { identity } = await crm.resolve(request);
      const nowMs = realClock.now().getTime();
      known.set(key, { identity, resolvedAtMs: nowMs, askAgainAtMs: nowMs + FRESH_MS });
      return identity;
    } catch (error) {
      const last = known.get(key);
      const nowMs = realClock.now().getTime();
      if (!(error instanceof ServiceUnavailableError) || !last || nowMs - last.resolvedAtMs > STALE_MS) throw error;
      last.askAgainAtMs = nowMs + RETRY_MS;
      return last.identity;
    } finally {
      asking.delete(key);
    }
  };

  return (credential) => {
    const key = credential.kind === "USER" ? `${credential.organizationId}/${credential.userId}` : credential.hash;
    const last = known.get(key);
    if (last && last.askAgainAtMs > realClock.now().getTime()) return Promise.resolve(last.identity);
    const pending = asking.get(key) ?? ask(key, credential);
    asking.set(key, pending);
    return pending;
  };
}
