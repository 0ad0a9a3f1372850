import { type RequestContext, requireRole } from "@cadenza/subgraph";
import type { Role } from "@cadenza/contracts";
import type { Caller } from "../changes/crm-writer.ts";
import type { Crm } from "../crm.ts";
import { Loaders } from "./loaders.ts";

export type CrmContext = RequestContext & { crm: Crm; loaders: Loaders };

export function crmContext(base: RequestContext, crm: Crm): CrmContext {
  return { ...base, crm, loaders: new Loaders(base.scope, crm) };
}

/**
 * Who changes something, once it is clear that they may (API-2).
 * @throws FORBIDDEN
 */
export function callerWith(context: CrmContext, least: Role): Caller {
  requireRole(context, least);
  // What was read before a change is old after it: a document may hold several mutations.
  context.loaders = new Loaders(context.scope, context.crm);
  return { scope: context.scope, actor: context.actor };
}
