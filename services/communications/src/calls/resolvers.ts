import { requireRole } from "@cadenza/subgraph";
import { payloadOf } from "../answer.ts";
import type { CommunicationsContext } from "../context.ts";
import type { CallDocument } from "./call.ts";
import type { LogCallInput } from "./read-logged-call.ts";

export const callResolvers = {
  Query: {
    call: (_: unknown, { id }: { id: string }, { loaders }: CommunicationsContext) => loaders.calls.load(id),
  },
  Mutation: {
    logCall: async (_: unknown, { input }: { input: LogCallInput }, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      return payloadOf("call", await context.calls.log(context, input), (call) => call);
    },
  },
  Call: {
    __resolveReference: ({ id }: { id: string }, { loaders }: CommunicationsContext) => loaders.calls.load(id),
    id: ({ _id }: CallDocument) => _id,
    lead: ({ leadId }: CallDocument) => ({ id: leadId }),
    contact: ({ contactId }: CallDocument) => ({ id: contactId }),
    user: ({ userId }: CallDocument) => userId && { id: userId },
  },
};
