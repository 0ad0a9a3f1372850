import { createHash } from "node:crypto";
import { realClock, UnauthenticatedError } from "@cadenza/platform";
import { type InternalIdentity, verifyInternalIdentity } from "@cadenza/rpc";
import { LRUCache } from "lru-cache";

type Verified = InternalIdentity & { expiresAtMs: number };

/** The gateway reuses a caller's token for some seconds: it is checked once, not once a request. */
export function createIdentityReader(secret: string): (token: string | undefined) => Promise<InternalIdentity> {
  const verified = new LRUCache<string, Verified>({ max: 2000 });
  return async (token) => {
    if (!token) throw new UnauthenticatedError("This service answers only what the gateway has signed.");
    const key = createHash("sha256").update(token).digest("base64");
    const known = verified.get(key);
    if (known && known.expiresAtMs > realClock.now().getTime()) return known;
    const identity = await verifyInternalIdentity(token, secret);
    verified.set(key, identity);
    return identity;
  };
}
