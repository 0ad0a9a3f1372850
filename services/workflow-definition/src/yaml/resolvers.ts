import type { GraphContext } from "../graph-context.ts";

export const yamlResolvers = {
  Query: {
    exportWorkflow: (_: unknown, { id }: { id: string }, context: GraphContext) =>
      context.services.yaml.export(context, id),
  },
  Mutation: {
    importWorkflow: (_: unknown, { yaml }: { yaml: string }, context: GraphContext) =>
      context.services.yaml.import(context, yaml),
  },
};
