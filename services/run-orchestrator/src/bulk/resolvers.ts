import { requireRole } from "@cadenza/subgraph";
import type { GraphContext } from "../run-graph/graph-context.ts";
import type { BulkJob } from "./bulk-job.ts";
import type { BulkRunActionArguments, EnrollManyInput } from "./bulk-service.ts";

type Identified = { id: string };

export const bulkResolvers = {
  Query: {
    bulkJob: (_: unknown, { id }: Identified, { scope, bulk }: GraphContext) => bulk.find(scope, id),
  },
  Mutation: {
    enrollMany: (_: unknown, { input }: { input: EnrollManyInput }, context: GraphContext) => {
      requireRole(context, "MEMBER");
      return context.bulk.enrollMany(context, input);
    },
    cancelBulkJob: (_: unknown, { id }: Identified, context: GraphContext) => {
      requireRole(context, "MEMBER");
      return context.bulk.cancel(context.scope, id);
    },
    bulkRunAction: (_: unknown, args: BulkRunActionArguments, context: GraphContext) => {
      requireRole(context, "MEMBER");
      return context.bulk.runAction(context, args);
    },
  },
  BulkJob: {
    __resolveReference: ({ id }: Identified, { scope, bulk }: GraphContext) => bulk.find(scope, id),
    id: ({ _id }: BulkJob) => _id,
    kind: ({ work }: BulkJob) => work.kind,
    reasons: ({ reasons }: BulkJob) =>
      reasons.map(({ code, message, count }) => ({ reason: { code, message }, count })),
  },
};
