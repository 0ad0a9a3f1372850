import { realClock } from "@cadenza/platform";
import type { Authenticator } from "./identity/authenticator.ts";
import type { Principal } from "./identity/principal.ts";
import type { RateLimiter } from "./limits/rate-limiter.ts";
import { type GatewayContext, REQUEST_TIMEOUT_MS } from "./request-context.ts";

/** Who may ask, how often, and what their requests carry. */
export class Callers {
  readonly #authenticator: Authenticator;
  readonly #perOrganization: RateLimiter;
  readonly #perKey: RateLimiter;
  readonly #sign: (principal: Principal) => Promise<string>;

  constructor(options: {
    authenticator: Authenticator;
    perOrganization: RateLimiter;
    perKey: RateLimiter;
    sign: (principal: Principal) => Promise<string>;
  }) {
    this.#authenticator = options.authenticator;
    this.#perOrganization = options.perOrganization;
    this.#perKey = options.perKey;
    this.#sign = options.sign;
  }

  /** @throws UnauthenticatedError, ServiceUnavailableError */
  authenticate(authorization: unknown): Promise<Principal> {
    return this.#authenticator.authenticate(authorization);
  }

  /** @throws UnauthenticatedError where the caller may not ask any more. */
  refresh(principal: Principal): Promise<Principal> {
    return this.#authenticator.refresh(principal);
  }

  /** Counts one operation. @throws RateLimitedError */
  count(principal: Principal): void {
    this.#perKey.take(principal.key);
    this.#perOrganization.take(principal.organizationId);
  }

  async contextOf(
    principal: Principal,
    requestId: string,
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<GatewayContext> {
    const identityToken = await this.#sign(principal);
    return {
      principal,
      identityToken,
      requestId,
      deadlineAtMs: realClock.now().getTime() + (options.timeoutMs ?? REQUEST_TIMEOUT_MS),
      signal: options.signal,
    };
  }
}
