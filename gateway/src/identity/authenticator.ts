import { UnauthenticatedError } from "@cadenza/platform";
import type { Credential, Principal } from "./principal.ts";
import type { Identity, IdentityResolver } from "./resolve-identity.ts";
import type { TokenVerifier } from "./verify-token.ts";

/** Turns `authorization: Bearer …` into who is asking (API-2). */
export class Authenticator {
  readonly #verify: TokenVerifier;
  readonly #resolve: IdentityResolver;

  constructor(verify: TokenVerifier, resolve: IdentityResolver) {
    this.#verify = verify;
    this.#resolve = resolve;
  }

  /** @throws UnauthenticatedError, ServiceUnavailableError */
  async authenticate(authorization: unknown): Promise<Principal> {
    const token =
      typeof authorization === "string" ? /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(authorization)?.[1] : undefined;
    if (!token)
      throw new UnauthenticatedError("Please sign in: send authorization: Bearer, with a token or an API key.");
    const { credential, expiresAtMs } = await this.#verify(token);
    return this.#principal(credential, expiresAtMs);
  }

  /** The same caller as it stands today: its role may have changed. @throws UnauthenticatedError where it may not ask any more. */
  refresh(principal: Principal): Promise<Principal> {
    return this.#principal(principal.credential, principal.expiresAtMs);
  }

  async #principal(credential: Credential, expiresAtMs: number | null): Promise<Principal> {
    const identity = await this.#resolve(credential);
    if (!identity || (credential.kind === "USER" && identity.organizationId !== credential.organizationId)) {
      throw new UnauthenticatedError("This user or key is not active.");
    }
    const { organizationId, role } = identity;
    const actor = actorOf(identity);
    return { credential, organizationId, role, actor, expiresAtMs, key: `${organizationId}/${actor.kind}/${actor.id}` };
  }
}

function actorOf({ userId, apiKeyId, label }: Identity): Principal["actor"] {
  return userId === null ? { kind: "API_KEY", id: apiKeyId, label } : { kind: "USER", id: userId, label };
}
