import { customFieldValues } from "../custom-fields/resolvers.ts";
import { callerWith, type CrmContext } from "../graph/context.ts";
import { deletePayload, payload } from "../graph/payload.ts";
import type { Opportunity } from "./opportunity.ts";
import type { CreateOpportunityInput, UpdateOpportunityInput } from "./read-opportunity.ts";

type UpdateArguments = { id: string; input: UpdateOpportunityInput };

export const opportunityResolvers = {
  Query: {
    opportunity: (_: unknown, { id }: { id: string }, { loaders }: CrmContext) => loaders.opportunities.load(id),
  },
  Opportunity: {
    __resolveReference: ({ id }: { id: string }, { loaders }: CrmContext) => loaders.opportunities.load(id),
    id: (opportunity: Opportunity) => opportunity._id,
    lead: ({ leadId }: Opportunity, _: object, { loaders }: CrmContext) => loaders.leads.load(leadId),
    contact: ({ contactId }: Opportunity, _: object, { loaders }: CrmContext) =>
      contactId === null ? null : loaders.contacts.load(contactId),
    user: ({ userId }: Opportunity, _: object, { loaders }: CrmContext) =>
      userId === null ? null : loaders.users.load(userId),
    status: async ({ statusId }: Opportunity, _: object, { loaders }: CrmContext) =>
      (await loaders.catalog()).opportunityStatus(statusId),
    customFields: customFieldValues("OPPORTUNITY"),
  },
  Mutation: {
    createOpportunity: async (_: unknown, { input }: { input: CreateOpportunityInput }, context: CrmContext) =>
      payload("opportunity", await context.crm.opportunities.create(callerWith(context, "MEMBER"), input), (id) =>
        context.loaders.opportunities.load(id),
      ),
    updateOpportunity: async (_: unknown, { id, input }: UpdateArguments, context: CrmContext) =>
      payload("opportunity", await context.crm.opportunities.update(callerWith(context, "MEMBER"), id, input), () =>
        context.loaders.opportunities.load(id),
      ),
    deleteOpportunity: async (_: unknown, { id }: { id: string }, context: CrmContext) =>
      deletePayload(await context.crm.opportunities.delete(callerWith(context, "MEMBER"), id)),
  },
};
