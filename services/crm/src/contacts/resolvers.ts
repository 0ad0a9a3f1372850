import { pageArguments, toCountedConnection } from "@cadenza/subgraph";
import { customFieldValues } from "../custom-fields/resolvers.ts";
import { contactWhere } from "../filters/where-filters.ts";
import { callerWith, type CrmContext } from "../graph/context.ts";
import { deletePayload, payload } from "../graph/payload.ts";
import { addressKey } from "../values/email-address.ts";
import type { Contact } from "./contact.ts";
import type { UpdateContactInput } from "./read-contact.ts";
import type { CreateContactInput } from "./service.ts";
import type { ContactFilter } from "./store.ts";

type ContactFilterInput = Omit<ContactFilter, "where"> & { where?: unknown };
type ContactsArguments = { first?: number | null; after?: string | null; filter?: ContactFilterInput | null };

export const contactResolvers = {
  Query: {
    contact: (_: unknown, { id }: { id: string }, { loaders }: CrmContext) => loaders.contacts.load(id),
    contacts: async (_: unknown, args: ContactsArguments, { scope, crm, loaders }: CrmContext) => {
      const page = pageArguments(args);
      const { where: given, ...rest } = args.filter ?? {};
      const reading = { now: crm.committer.clock.now(), path: ["filter", "where"] };
      const where = given ? contactWhere(given, { catalog: await loaders.catalog(), ...reading }) : null;
      const filter = { ...rest, where };
      const contacts = await crm.stores.contacts.page(scope, filter, page);
      return toCountedConnection(
        contacts,
        page,
        ({ _id }) => _id,
        () => crm.stores.contacts.count(scope, filter),
      );
    },
  },
  Contact: {
    __resolveReference: ({ id }: { id: string }, { loaders }: CrmContext) => loaders.contacts.load(id),
    id: (contact: Contact) => contact._id,
    lead: (contact: Contact, _: object, { loaders }: CrmContext) => loaders.leads.load(contact.leadId),
    emails: (contact: Contact) => contact.emails.map((address) => ({ address })),
    customFields: customFieldValues("CONTACT"),
  },
  ContactEmail: {
    __resolveReference: ({ id }: { id: string }) => ({ address: Buffer.from(id, "base64url").toString() }),
    id: ({ address }: { address: string }) => Buffer.from(addressKey(address)).toString("base64url"),
  },
  Mutation: {
    createContact: async (_: unknown, { input }: { input: CreateContactInput }, context: CrmContext) =>
      payload("contact", await context.crm.contacts.create(callerWith(context, "MEMBER"), input), (id) =>
        context.loaders.contacts.load(id),
      ),
    updateContact: async (_: unknown, { id, input }: { id: string; input: UpdateContactInput }, context: CrmContext) =>
      payload("contact", await context.crm.contacts.update(callerWith(context, "MEMBER"), id, input), () =>
        context.loaders.contacts.load(id),
      ),
    deleteContact: async (_: unknown, { id }: { id: string }, context: CrmContext) =>
      deletePayload(await context.crm.contacts.delete(callerWith(context, "MEMBER"), id)),
  },
};
