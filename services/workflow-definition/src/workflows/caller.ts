import { ForbiddenError } from "@cadenza/platform";
import { type RequestContext, requireRole } from "@cadenza/subgraph";
import type { Workflow } from "./model.ts";

/** Who asks for a change. */
export type Caller = Pick<RequestContext, "scope" | "actor" | "role" | "userId">;

/** A member changes their own workflows, an admin all (API-2). @throws FORBIDDEN */
export function requireChange(caller: Caller, workflow: Pick<Workflow, "content">): void {
  requireRole(caller, "MEMBER");
  if (caller.role !== "ADMIN" && workflow.content.ownerId !== caller.userId) {
    throw new ForbiddenError("This workflow is another user's; ask them or an admin to change it.");
  }
}

/** Making a workflow that is another user's from the start is an admin's; its owner may hand it over later. @throws FORBIDDEN */
export function requireOwnership(caller: Caller, ownerId: string | null | undefined): void {
  requireRole(caller, "MEMBER");
  if (caller.role !== "ADMIN" && (ownerId ?? caller.userId) !== caller.userId) {
    throw new ForbiddenError("Only an admin makes a workflow for another user.");
  }
  if (caller.role !== "ADMIN" && caller.userId === null) {
    throw new ForbiddenError("An API key needs the role ADMIN to make workflows: it owns none itself.");
  }
}
