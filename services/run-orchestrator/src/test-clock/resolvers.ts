import { requireRole } from "@cadenza/subgraph";
import type { GraphContext } from "../run-graph/graph-context.ts";

export const testClockResolvers = {
  Query: {
    testClock: (_: unknown, __: unknown, { testClock }: GraphContext) => testClock.view,
  },
  Mutation: {
    advanceTestClock: (_: unknown, { to }: { to: Date }, context: GraphContext) => {
      requireRole(context, "MEMBER");
      return context.testClock.advance(to);
    },
  },
};
