import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { Logger } from "@cadenza/platform";
import { errorPlugin, scalarResolvers, toPublicError } from "@cadenza/subgraph";
import { type GraphQLSchema, isScalarType } from "graphql";
import { DOCUMENT_LIMITS } from "./limits/document-guard.ts";
import { checkOperation } from "./check-operation.ts";
import type { GatewayContext } from "./request-context.ts";
import { SubgraphDataSource } from "./subgraphs/data-source.ts";
import type { ReplicaPool } from "./subgraphs/replica-pool.ts";

export type Graph = { server: ApolloServer<GatewayContext>; schema: GraphQLSchema };

/** Plans operations over the supergraph and runs them on the subgraphs. */
export async function startGraph(options: {
  supergraph: string;
  replicas: ReadonlyMap<string, ReplicaPool>;
  development: boolean;
  log: Logger;
}): Promise<Graph> {
  const { log } = options;
  const gateway = new ApolloGateway({
    supergraphSdl: options.supergraph,
    logger: log,
    buildService: ({ name }) => new SubgraphDataSource(name, options.replicas.get(name) ?? missing(name), log),
  });
  let schema: GraphQLSchema | undefined;
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = checkScalars(apiSchema);
  });
  const server = new ApolloServer<GatewayContext>({
    gateway,
    csrfPrevention: true,
    introspection: options.development,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !options.development,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: DOCUMENT_LIMITS.tokens },
    logger: log,
    formatError: (formatted, error) => toPublicError(formatted, error),
    plugins: [
      errorPlugin<GatewayContext>(log, ({ requestId }) => requestId),
      checkOperation,
      ...([
        ApolloServerPluginUsageReportingDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginLandingPageDisabled(),
      ] as ApolloServerPlugin<GatewayContext>[]),
    ],
  });
  await server.start();
  return { server, schema: schema! };
}

/** A supergraph's scalars accept anything; with the house's own rules malformed values end here, with the caller's path to them. */
function checkScalars(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, { parseValue, parseLiteral }] of Object.entries(scalarResolvers)) {
    const scalar = schema.getType(name);
    if (isScalarType(scalar)) Object.assign(scalar, { parseValue, parseLiteral });
  }
  return schema;
}

function missing(name: string): never {
  throw new Error(`SUBGRAPHS has no address for "${name}".`);
}
