import type { EmailAccountDocument } from "@cadenza/sending";
import { requireRole } from "@cadenza/subgraph";
import { payloadOf } from "../answer.ts";
import type { CommunicationsContext } from "../context.ts";
import type { ConnectInput, UpdateInput } from "./service.ts";

export const emailAccountResolvers = {
  Mutation: {
    connectEmailAccount: async (_: unknown, { input }: { input: ConnectInput }, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      return payloadOf("emailAccount", await context.emailAccounts.connect(context, input), same);
    },
    updateEmailAccount: async (
      _: unknown,
      { id, input }: { id: string; input: UpdateInput },
      context: CommunicationsContext,
    ) => {
      requireRole(context, "MEMBER");
      return payloadOf("emailAccount", await context.emailAccounts.update(context, id, input), same);
    },
    disconnectEmailAccount: async (_: unknown, { id }: { id: string }, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      return payloadOf("emailAccount", await context.emailAccounts.disconnect(context, id), same);
    },
  },
  User: {
    __resolveReference: (reference: { id: string }) => reference,
    emailAccounts: ({ id }: { id: string }, _: unknown, context: CommunicationsContext) =>
      context.loaders.accountsOfUser.load(id),
  },
  EmailAccount: {
    __resolveReference: ({ id }: { id: string }, context: CommunicationsContext) => context.loaders.accounts.load(id),
    id: ({ _id }: EmailAccountDocument) => _id,
    owner: ({ ownerId }: EmailAccountDocument) => ({ id: ownerId }),
    sendAsUsers: ({ sendAsUserIds }: EmailAccountDocument) => sendAsUserIds.map((id) => ({ id })),
    usage: ({ _id }: EmailAccountDocument, _: unknown, context: CommunicationsContext) =>
      context.loaders.usage.load(_id),
  },
};

function same<T>(value: T): T {
  return value;
}
