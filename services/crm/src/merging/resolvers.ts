import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { MergeInput } from "./service.ts";

export const mergeResolvers = {
  Mutation: {
    mergeLeads: async (_: unknown, input: MergeInput, context: CrmContext) =>
      payload("lead", await context.crm.merging.leads(callerWith(context, "MEMBER"), input), (id) =>
        context.loaders.leads.load(id),
      ),
    mergeContacts: async (_: unknown, input: MergeInput, context: CrmContext) =>
      payload("contact", await context.crm.merging.contacts(callerWith(context, "MEMBER"), input), (id) =>
        context.loaders.contacts.load(id),
      ),
  },
};
