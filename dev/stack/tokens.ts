import { SignJWT } from "jose";
import type { Organization } from "./organizations.ts";

export const ISSUER = "cadenza-dev";
export const AUDIENCE = "cadenza";

/** A user's token for the local stack: HS256, 30 days. */
export function userToken(secret: string, organization: Organization, userId: string): Promise<string> {
  return new SignJWT({ org: organization.id })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime("30d")
    .sign(new TextEncoder().encode(secret));
}
