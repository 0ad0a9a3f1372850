import type { Actor, Role } from "@cadenza/contracts";
import type { OrganizationScope } from "@cadenza/storage";

/** For whom a request is answered, as the gateway vouches for it. */
export type RequestContext = {
  scope: OrganizationScope;
  actor: Actor;
  role: Role;
  /** Null where an API key asks. */
  userId: string | null;
  /** Stands in the logs of every service that the request reaches. */
  requestId: string;
  /** Real time in epoch milliseconds after which nobody waits for the answer. */
  deadlineAt: number;
};
