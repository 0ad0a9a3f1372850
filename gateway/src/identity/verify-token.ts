import { createHash } from "node:crypto";
import { realClock, UnauthenticatedError } from "@cadenza/platform";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import type { Credential } from "./principal.ts";

export type Verified = { credential: Credential; expiresAtMs: number | null };
export type TokenVerifier = (token: string) => Promise<Verified>;

export type TokenOptions = {
  secret: string | undefined;
  jwksUrl: string | undefined;
  issuer: string;
  audience: string;
};

const API_KEY = /^cdz_[A-Za-z0-9_-]{16,128}$/;
/** Asymmetric only: a public key must never serve as an HMAC secret (RFC 8725, section 3.1). */
const JWKS_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/**
 * Reads a bearer token: a JWT with `sub` (user), `org` (organization) and `exp`, or an API key, of which only the hash goes on.
 * @throws UnauthenticatedError
 */
export function createTokenVerifier(options: TokenOptions): TokenVerifier {
  const verifyJwt = createJwtVerifier(options);
  // A token is used for many requests; its signature is checked once.
  const known = new LRUCache<string, Verified>({ max: 5000 });
  return async (token) => {
    const hash = createHash("sha256").update(token).digest("hex");
    if (API_KEY.test(token)) return { credential: { kind: "API_KEY", hash }, expiresAtMs: null };
    const before = known.get(hash);
    const verified = before ?? (await verifyJwt(token));
    if (verified.expiresAtMs !== null && verified.expiresAtMs <= realClock.now().getTime())
      throw new UnauthenticatedError("The token has run out. Please sign in again.");
    if (!before) known.set(hash, verified);
    return verified;
  };
}

function createJwtVerifier(options: TokenOptions): TokenVerifier {
  const checks = { issuer: options.issuer, audience: options.audience, requiredClaims: ["sub", "org", "exp"] };
  const verify = options.secret
    ? (token: string) =>
        jwtVerify(token, new TextEncoder().encode(options.secret), { ...checks, algorithms: ["HS256"] })
    : withKeySet(new URL(options.jwksUrl!), { ...checks, algorithms: JWKS_ALGORITHMS });
  return async (token) => {
    try {
      const { payload } = await verify(token);
      if (typeof payload["org"] !== "string" || typeof payload.sub !== "string")
        throw new Error("sub and org must be strings");
      return {
        credential: { kind: "USER", organizationId: payload["org"], userId: payload.sub },
        expiresAtMs: payload.exp! * 1000,
      };
    } catch (cause) {
      throw new UnauthenticatedError("The token is not valid. Please sign in again.", { cause });
    }
  };
}

function withKeySet(
  url: URL,
  checks: Parameters<typeof jwtVerify>[2],
): (token: string) => ReturnType<typeof jwtVerify> {
  const keys = createRemoteJWKSet(url);
  return (token) => jwtVerify(token, keys, checks);
}
