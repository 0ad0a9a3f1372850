import { realClock } from "@cadenza/platform";
import { signInternalIdentity } from "@cadenza/rpc";
import { LRUCache } from "lru-cache";
import type { Principal } from "./principal.ts";

/** A signature costs more than the rest of a small request: it is reused this long, and holds long enough beyond. */
const REUSED_MS = 20_000;
const TTL_SECONDS = 60;

/** What the gateway signs for subgraphs to trust, one token a caller and role. */
export function createInternalTokens(secret: string): (principal: Principal) => Promise<string> {
  const signed = new LRUCache<string, { token: Promise<string>; renewAtMs: number }>({ max: 20_000 });
  return ({ key, organizationId, role, actor }) => {
    const nowMs = realClock.now().getTime();
    const before = signed.get(`${key}/${role}`);
    if (before && before.renewAtMs > nowMs) return before.token;
    const token = signInternalIdentity({ organizationId, role, actor }, secret, { ttlSeconds: TTL_SECONDS });
    signed.set(`${key}/${role}`, { token, renewAtMs: nowMs + REUSED_MS });
    return token;
  };
}
