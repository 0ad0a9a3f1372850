import type { GraphContext } from "../run-graph/graph-context.ts";
import type { DryRunInput } from "./dry-run-service.ts";
import type { DryStep } from "./walk.ts";

export const dryRunResolvers = {
  Query: {
    dryRun: (_: unknown, input: DryRunInput, { scope, actor, userId, dryRuns }: GraphContext) =>
      dryRuns.dryRun({ scope, actor, userId }, input),
  },
  DryRunStep: {
    sender: ({ senderId }: DryStep) => (senderId === null ? null : { id: senderId }),
  },
};
