import type { Channel, SuppressionDocument } from "@cadenza/sending";
import { checkText, pageArguments, requireRole, toConnection } from "@cadenza/subgraph";
import { payloadOf } from "../answer.ts";
import type { CommunicationsContext } from "../context.ts";

type ListArguments = { first?: number; after?: string; channel?: Channel; address?: string };
type AddressArguments = { channel: Channel; address: string };

const MAX_ADDRESS_LENGTH = 320;

export const suppressionResolvers = {
  Query: {
    suppressions: async (_: unknown, args: ListArguments, context: CommunicationsContext) => {
      const { limit, after } = pageArguments(args);
      const address = args.address ? checkText(args.address, ["address"], { max: MAX_ADDRESS_LENGTH }) : null;
      const search = { channel: args.channel ?? null, address, after, limit: limit + 1 };
      const found = await context.suppressionStore.search(context.scope, search);
      return toConnection(found, limit, ({ _id }) => _id);
    },
  },
  Mutation: {
    suppress: async (_: unknown, { channel, address }: AddressArguments, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      checkText(address, ["address"], { max: MAX_ADDRESS_LENGTH });
      return payloadOf("suppression", await context.suppressions.suppress(context.scope, channel, address), same);
    },
    unsuppress: async (_: unknown, { channel, address }: AddressArguments, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      checkText(address, ["address"], { max: MAX_ADDRESS_LENGTH });
      return payloadOf("suppression", await context.suppressions.unsuppress(context.scope, channel, address), same);
    },
  },
  Suppression: { id: ({ _id }: SuppressionDocument) => _id },
  ContactEmail: {
    __resolveReference: (reference: { id: string }) => reference,
    deliverability: async ({ id }: { id: string }, _: unknown, context: CommunicationsContext) => {
      const suppression = await context.loaders.suppressions.load(Buffer.from(id, "base64url").toString("utf8"));
      return suppression?.reason.code ?? "OK";
    },
  },
};

function same<T>(value: T): T {
  return value;
}
