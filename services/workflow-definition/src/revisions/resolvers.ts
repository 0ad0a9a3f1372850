import { pageArguments, toConnection, badUserInput, notFound } from "@cadenza/subgraph";
import type { GraphContext } from "../graph-context.ts";
import { shownSteps } from "../steps/resolvers.ts";
import type { Revision, Workflow } from "../workflows/model.ts";
import { compare } from "./compare.ts";

type CompareArguments = { workflowId: string; from: number; to: number };

export const revisionResolvers = {
  Query: {
    compareRevisions: async (_: unknown, { workflowId, from, to }: CompareArguments, context: GraphContext) => {
      const [before, after] = await Promise.all(
        [from, to].map((number) => context.stores.revisions.find(context.scope, workflowId, number)),
      );
      if (!before || !after) throw notFound("revision");
      return compare(before.content, after.content);
    },
  },
  Workflow: {
    revisions: async (workflow: Workflow, args: { first?: number; after?: string }, context: GraphContext) => {
      const { limit, after } = pageArguments(args, { default: 20 });
      const before = after === null ? null : Number(after);
      if (before !== null && !Number.isSafeInteger(before))
        throw badUserInput("after is not a cursor of this list.", ["after"]);
      const found = await context.stores.revisions.list(context.scope, workflow._id, before, limit + 1);
      return toConnection(found, limit, ({ number }) => String(number));
    },
  },
  WorkflowRevision: {
    author: ({ author }: Revision) => (author.kind === "USER" && author.id ? { id: author.id } : null),
    name: ({ content }: Revision) => content.name,
    steps: ({ content }: Revision) => shownSteps(content.places),
  },
};
