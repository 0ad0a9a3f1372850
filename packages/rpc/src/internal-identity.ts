import { type Actor, ROLES } from "@cadenza/contracts";
import { UnauthenticatedError } from "@cadenza/platform";
import { jwtVerify, SignJWT } from "jose";

const ISSUER = "cadenza-gateway";
const AUDIENCE = "cadenza-internal";

/** `SERVICE` is a service asking on its own behalf, for any organization ("*"). */
export type InternalRole = (typeof ROLES)[number] | "SERVICE";

/** On whose behalf a request comes, as the gateway or another service vouches for it. */
export type InternalIdentity = { organizationId: string; role: InternalRole; actor: Actor };

/** @param options.ttlSeconds how long others accept it (default 60). */
export function signInternalIdentity(
  identity: InternalIdentity,
  secret: string,
  options: { ttlSeconds?: number } = {},
): Promise<string> {
  return new SignJWT({ org: identity.organizationId, role: identity.role, actor: identity.actor })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(`${options.ttlSeconds ?? 60}s`)
    .sign(new TextEncoder().encode(secret));
}

/** @throws UnauthenticatedError */
export async function verifyInternalIdentity(
  token: string,
  secret: string,
): Promise<InternalIdentity & { expiresAtMs: number }> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ["HS256"],
      requiredClaims: ["exp", "org", "role", "actor"],
    });
    const role = payload["role"] as InternalRole;
    if (role !== "SERVICE" && !ROLES.includes(role)) throw new Error(`unknown role ${role}`);
    return {
      organizationId: payload["org"] as string,
      role,
      actor: payload["actor"] as Actor,
      expiresAtMs: payload.exp! * 1000,
    };
  } catch (cause) {
    throw new UnauthenticatedError("This service answers only what the gateway or another service has signed.", {
      cause,
    });
  }
}
