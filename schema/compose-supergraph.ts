import { composeServices } from "@apollo/composition";
import { type DocumentNode, lexicographicSortSchema, printSchema } from "graphql";

export type Subgraph = { name: string; typeDefs: DocumentNode };

/** Subgraphs that do not fit together: each problem names the subgraphs it lies between. */
export class CompositionError extends Error {
  constructor(problems: readonly string[]) {
    super(`The subgraphs do not compose:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "CompositionError";
  }
}

/**
 * One supergraph of all subgraphs, and the schema that clients see. The same input gives the same text.
 * @throws CompositionError
 */
export function composeSupergraph(subgraphs: readonly Subgraph[]): { supergraph: string; api: string } {
  // Addresses are the deployment's, not the schema's: the gateway has them by configuration.
  const services = subgraphs.map((subgraph) => ({ ...subgraph, url: `http://${subgraph.name}.invalid/graphql` }));
  const result = composeServices(services);
  if (result.errors) throw new CompositionError(result.errors.map((error) => error.message));
  const api = printSchema(lexicographicSortSchema(result.schema.toAPISchema().toGraphQLJSSchema()));
  return { supergraph: `${result.supergraphSdl.trimEnd()}\n`, api: `${api.trimEnd()}\n` };
}
