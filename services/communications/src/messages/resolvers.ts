import type { MessageDocument } from "@cadenza/sending";
import type { Filter } from "@cadenza/storage";
import { badUserInput, pageArguments, requireRole, toCountedConnection } from "@cadenza/subgraph";
import { payloadOf } from "../answer.ts";
import type { CommunicationsContext } from "../context.ts";
import type { SendMessageInput } from "./service.ts";
import type { Message } from "./store.ts";

type PageArguments = { first?: number; after?: string };
type MessageFilter = {
  channel?: string | null;
  direction?: string | null;
  status?: string[] | null;
  senderIds?: string[] | null;
  leadIds?: string[] | null;
  contactIds?: string[] | null;
  runIds?: string[] | null;
};

const MAX_IDS = 200;

export const messageResolvers = {
  Query: {
    message: (_: unknown, { id }: { id: string }, context: CommunicationsContext) => context.loaders.messages.load(id),
    messages: async (_: unknown, args: PageArguments & { filter?: MessageFilter }, context: CommunicationsContext) => {
      const { limit, after } = pageArguments(args);
      const filter = filterOf(args.filter ?? {});
      const { messageStore, scope } = context;
      const found = await messageStore.search(scope, { filter, after, limit: limit + 1 });
      return toCountedConnection(
        found,
        { limit, after },
        ({ _id }) => _id,
        () => messageStore.count(scope, filter),
      );
    },
  },
  Mutation: {
    sendMessage: async (_: unknown, { input }: { input: SendMessageInput }, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      return payloadOf("message", await context.messages.send(context, input), same);
    },
    resolveMessage: async (_: unknown, args: { id: string; wasSent: boolean }, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      return payloadOf("message", await context.messages.resolve(context, args.id, args.wasSent), same);
    },
  },
  Message: {
    __resolveReference: ({ id }: { id: string }, context: CommunicationsContext) => context.loaders.messages.load(id),
    id: ({ _id }: Message) => _id,
    lead: ({ leadId }: Message) => ({ id: leadId }),
    contact: ({ contactId }: Message) => ({ id: contactId }),
    sender: ({ senderId }: Message) => ({ id: senderId }),
    template: ({ templateId }: Message, _: unknown, context: CommunicationsContext) =>
      templateId && context.loaders.templates.load(templateId),
    run: ({ runId }: Message) => runId && { id: runId },
  },
};

function filterOf(filter: MessageFilter): Filter<MessageDocument> {
  const conditions: Record<string, unknown> = {};
  if (filter.channel) conditions["channel"] = filter.channel;
  if (filter.direction) conditions["direction"] = filter.direction;
  const lists = {
    status: "status",
    senderIds: "senderId",
    leadIds: "leadId",
    contactIds: "contactId",
    runIds: "runId",
  };
  for (const [name, field] of Object.entries(lists)) {
    const values = filter[name as keyof typeof lists];
    if (!values) continue;
    if (values.length > MAX_IDS) throw badUserInput(`At most ${MAX_IDS} values.`, ["filter", name]);
    conditions[field] = { $in: values };
  }
  return conditions as Filter<MessageDocument>;
}

function same<T>(value: T): T {
  return value;
}
