import { ForbiddenError } from "@cadenza/platform";
import type { RequestContext } from "@cadenza/subgraph";

/** Who acts, as far as services care. */
export type Viewer = Pick<RequestContext, "scope" | "actor" | "role" | "userId">;

/**
 * A member works with what is their own; an admin with everything.
 * @param ownerId null is what an API key made: any key's.
 * @throws FORBIDDEN
 */
export function requireOwn(viewer: Viewer, ownerId: string | null, what: string): void {
  if (viewer.role === "ADMIN" || viewer.userId === ownerId) return;
  throw new ForbiddenError(`This ${what} belongs to another user; only an admin may do that.`);
}
