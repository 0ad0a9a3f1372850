import { requireRole } from "@cadenza/subgraph";
import type { GraphContext } from "../run-graph/graph-context.ts";
import type { ResponseRequest } from "./call-responses.ts";

type Arguments = { callId: string; runIds?: string[] | null };

const respond =
  (kind: ResponseRequest["kind"]) =>
  (_: unknown, { callId, runIds = null }: Arguments, context: GraphContext) => {
    requireRole(context, "MEMBER");
    return context.responses.apply(context.scope, context.actor, { kind, callId, runIds });
  };

export const responseResolvers = {
  Mutation: {
    markAsResponded: respond("markResponded"),
    resumeFromCall: respond("resumeFromCall"),
  },
  Call: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    respondableRuns: async ({ id }: { id: string }, _: unknown, { offerByCall }: GraphContext) =>
      (await offerByCall.load(id)).respondable,
    resumableRuns: async ({ id }: { id: string }, _: unknown, { offerByCall }: GraphContext) =>
      (await offerByCall.load(id)).resumable,
  },
};
