import { pageArguments, toCountedConnection } from "@cadenza/subgraph";
import { customFieldValues } from "../custom-fields/resolvers.ts";
import { leadWhere } from "../filters/where-filters.ts";
import { callerWith, type CrmContext } from "../graph/context.ts";
import { deletePayload, payload } from "../graph/payload.ts";
import type { Lead } from "./lead.ts";
import type { CreateLeadInput, UpdateLeadInput } from "./read-lead.ts";
import type { LeadFilter } from "./store.ts";

type LeadFilterInput = Omit<LeadFilter, "where"> & { where?: unknown };
type LeadsArguments = { first?: number | null; after?: string | null; filter?: LeadFilterInput | null };

export const leadResolvers = {
  Query: {
    lead: (_: unknown, { id }: { id: string }, { loaders }: CrmContext) => loaders.leads.load(id),
    leads: async (_: unknown, args: LeadsArguments, { scope, crm, loaders }: CrmContext) => {
      const page = pageArguments(args);
      const { where: given, ...rest } = args.filter ?? {};
      const reading = { now: crm.committer.clock.now(), path: ["filter", "where"] };
      const where = given ? leadWhere(given, { catalog: await loaders.catalog(), ...reading }) : null;
      const filter = { ...rest, where };
      const leads = await crm.stores.leads.page(scope, filter, page);
      return toCountedConnection(
        leads,
        page,
        ({ _id }) => _id,
        () => crm.stores.leads.count(scope, filter),
      );
    },
  },
  Lead: {
    __resolveReference: ({ id }: { id: string }, { loaders }: CrmContext) => loaders.leads.load(id),
    id: (lead: Lead) => lead._id,
    status: async (lead: Lead, _: object, { loaders }: CrmContext) =>
      (await loaders.catalog()).leadStatus(lead.statusId),
    customFields: customFieldValues("LEAD"),
    contacts: async (lead: Lead, _: object, { loaders }: CrmContext) => {
      const contacts = await loaders.contacts.loadMany(lead.contactIds);
      return contacts.filter((contact) => contact !== null);
    },
    opportunities: (lead: Lead, _: object, { loaders }: CrmContext) => loaders.opportunitiesOfLead.load(lead._id),
  },
  Mutation: {
    createLead: async (_: unknown, { input }: { input: CreateLeadInput }, context: CrmContext) =>
      payload("lead", await context.crm.leads.create(callerWith(context, "MEMBER"), input), (id) =>
        context.loaders.leads.load(id),
      ),
    updateLead: async (_: unknown, { id, input }: { id: string; input: UpdateLeadInput }, context: CrmContext) =>
      payload("lead", await context.crm.leads.update(callerWith(context, "MEMBER"), id, input), () =>
        context.loaders.leads.load(id),
      ),
    deleteLead: async (_: unknown, { id }: { id: string }, context: CrmContext) =>
      deletePayload(await context.crm.leads.delete(callerWith(context, "MEMBER"), id)),
  },
};
