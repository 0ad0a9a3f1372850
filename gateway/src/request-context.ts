import type { Principal } from "./identity/principal.ts";

/** What a request carries to every subgraph it reaches. */
export type GatewayContext = {
  principal: Principal;
  /** Signed by the gateway: whom the subgraphs answer. */
  identityToken: string;
  requestId: string;
  /** Real time in epoch milliseconds after which nobody waits for the answer. */
  deadlineAtMs: number;
  /** Aborted when the client has gone. */
  signal: AbortSignal | undefined;
};

/** Longest time for a request (API-6). */
export const REQUEST_TIMEOUT_MS = 10_000;
