import type { FindStalledRequest, FindStalledResponse } from "@cadenza/contracts";
import { organizationScope } from "@cadenza/storage";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { OpportunityStore } from "../opportunities/store.ts";

const MAX_LIMIT = 1000;

/** Open opportunities by their last change (CRM-5): every committed change of one sets its `updatedAt`. */
export async function findStalled(
  opportunities: OpportunityStore,
  catalogs: Catalogs,
  { organizationId, changedAfter, changedUntil, afterId, limit }: FindStalledRequest,
): Promise<FindStalledResponse> {
  const scope = organizationScope(organizationId);
  const catalog = await catalogs.fresh(scope);
  const open = catalog.opportunityStatuses.filter(({ kind }) => kind === "OPEN").map(({ _id }) => _id);
  const until = new Date(changedUntil);
  const [found, next] = await Promise.all([
    opportunities.lastChanged(
      scope,
      open,
      { after: new Date(changedAfter), afterId, until },
      Math.min(limit, MAX_LIMIT),
    ),
    opportunities.lastChanged(scope, open, { after: until, afterId: null, until: null }, 1),
  ]);
  return {
    opportunities: found.map(({ _id: id, updatedAt, ...rest }) => {
      const { leadId, contactId, version } = rest;
      return { id, leadId, contactId, version, updatedAt: updatedAt.toISOString() };
    }),
    nextChangedAt: next[0]?.updatedAt.toISOString() ?? null,
  };
}
