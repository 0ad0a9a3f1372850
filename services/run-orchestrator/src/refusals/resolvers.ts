import { pageArguments, toConnection } from "@cadenza/subgraph";
import type { GraphContext } from "../run-graph/graph-context.ts";
import type { StartRefusal } from "./refusal-store.ts";

type PageArguments = { first?: number | null; after?: string | null };

export const refusalResolvers = {
  Workflow: {
    startRefusals: async ({ id }: { id: string }, page: PageArguments, { scope, refusals, clock }: GraphContext) => {
      const { limit, after } = pageArguments(page);
      const found = await refusals.newest(scope, { workflowId: id, before: after, limit: limit + 1, now: clock.now() });
      return toConnection(found, limit, ({ _id }) => _id);
    },
  },
  StartRefusal: {
    lead: ({ leadId }: StartRefusal) => ({ id: leadId }),
    contact: ({ contactId }: StartRefusal) => contactId && { id: contactId },
  },
};
