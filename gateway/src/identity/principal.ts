import type { Actor, Role } from "@cadenza/contracts";

/** What a caller proved with its bearer token, before anybody was asked who that is. */
export type Credential = { kind: "USER"; organizationId: string; userId: string } | { kind: "API_KEY"; hash: string };

/** Who is asking. */
export type Principal = {
  credential: Credential;
  organizationId: string;
  role: Role;
  actor: Actor;
  /** Real time in epoch milliseconds at which the token runs out; null for API keys, which do not. */
  expiresAtMs: number | null;
  /** One per user or key, for limits and sharing. */
  key: string;
};
