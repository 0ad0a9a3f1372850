import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { LeadStatus, OpportunityStatus, OpportunityStatusKind } from "./status.ts";

/** Statuses stand in the order they were created in: the first is what new leads and opportunities have. */
export const statusResolvers = {
  Query: {
    leadStatuses: async (_: unknown, __: object, { loaders }: CrmContext) => (await loaders.catalog()).leadStatuses,
    opportunityStatuses: async (_: unknown, __: object, { loaders }: CrmContext) =>
      (await loaders.catalog()).opportunityStatuses,
  },
  LeadStatus: {
    __resolveReference: async ({ id }: { id: string }, { loaders }: CrmContext) =>
      (await loaders.catalog()).leadStatus(id) ?? null,
    id: (status: LeadStatus) => status._id,
  },
  OpportunityStatus: {
    __resolveReference: async ({ id }: { id: string }, { loaders }: CrmContext) =>
      (await loaders.catalog()).opportunityStatus(id) ?? null,
    id: (status: OpportunityStatus) => status._id,
  },
  Mutation: {
    createLeadStatus: async (_: unknown, { name }: { name: string }, context: CrmContext) =>
      payload(
        "leadStatus",
        await context.crm.statuses.createLeadStatus(callerWith(context, "ADMIN"), name),
        async (id) => (await context.loaders.catalog()).leadStatus(id),
      ),
    createOpportunityStatus: async (
      _: unknown,
      { name, kind }: { name: string; kind: OpportunityStatusKind },
      context: CrmContext,
    ) =>
      payload(
        "opportunityStatus",
        await context.crm.statuses.createOpportunityStatus(callerWith(context, "ADMIN"), name, kind),
        async (id) => (await context.loaders.catalog()).opportunityStatus(id),
      ),
  },
};
