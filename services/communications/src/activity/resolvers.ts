import { pageArguments, toConnection } from "@cadenza/subgraph";
import type { CallDocument } from "../calls/call.ts";
import type { CommunicationsContext } from "../context.ts";
import type { Message } from "../messages/store.ts";

type Activity = { type: "Message" | "Call"; _id: string };

/** Messages and calls by their ids, which grow with time: one cursor serves both. */
export const activityResolvers = {
  Activity: { __resolveType: ({ type }: Activity) => type },
  Lead: {
    __resolveReference: (reference: { id: string }) => reference,
    activity: async (
      { id }: { id: string },
      args: { first?: number; after?: string },
      { messageStore, callStore, scope }: CommunicationsContext,
    ) => {
      const { limit, after } = pageArguments(args);
      const page = { after, limit: limit + 1 };
      const [messages, calls] = await Promise.all([
        messageStore.search(scope, { filter: { leadId: id }, ...page }),
        callStore.ofLead(scope, id, page),
      ]);
      const both = [...messages.map(as("Message")), ...calls.map(as("Call"))];
      const newestFirst = both.toSorted((a, b) => (a._id < b._id ? 1 : -1));
      return toConnection(newestFirst.slice(0, limit + 1), limit, ({ _id }) => _id);
    },
  },
};

function as(type: Activity["type"]) {
  return (document: Message | CallDocument) => ({ ...document, type });
}
