import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { CadenzaError, type Logger, type OpsServer, realClock, traced, UnauthenticatedError } from "@cadenza/platform";
import { organizationScope } from "@cadenza/storage";
import type { DocumentNode } from "graphql";
import { errorPlugin } from "./error-plugin.ts";
import { answerGraphql, parseJsonBody, readBody, sendGraphqlError } from "./graphql-http.ts";
import { toPublicError } from "./public-error.ts";
import { createIdentityReader } from "./read-identity.ts";
import type { RequestContext } from "./request-context.ts";
import { scalarResolvers } from "./scalars/index.ts";
import { completeTypeDefs } from "./sdl/complete-type-defs.ts";

/** Resolvers by type and field, `__resolveReference` among them. Their types are the service's own. */
export type Resolvers = Record<string, unknown>;

export type SubgraphOptions<C extends object> = {
  /** Service name, for logs. */
  name: string;
  /** SDL without federation link, scalars and shared types: those are added. `loadTypeDefs` reads a service's files. */
  typeDefs: DocumentNode | readonly (string | DocumentNode)[];
  resolvers: Resolvers | readonly Resolvers[];
  /** Called once a request: the place for loaders. */
  context: (base: RequestContext) => C | Promise<C>;
  http: OpsServer;
  internalSecret: string;
  log: Logger;
  /** Largest body in bytes (default 8 MiB: an import through the graph is 6 MiB). */
  maxBodyBytes?: number;
};

/** Longest time for a request that names no deadline. */
const DEFAULT_DEADLINE_MS = 10_000;
/** A service's context need not show the request's id; Apollo copies contexts, so it must stand in them. */
const REQUEST_ID = Symbol("requestId");
type Identified = { [REQUEST_ID]?: string };

/**
 * Serves a federation subgraph at POST /graphql of the service's server. It answers only requests that carry an identity
 * which the gateway has signed; all others get HTTP 401 with UNAUTHENTICATED.
 * @returns a function that stops it.
 */
export async function createSubgraph<C extends object>(
  options: SubgraphOptions<C>,
): Promise<{ stop(): Promise<void> }> {
  const server = new ApolloServer<C>({
    schema: buildSubgraphSchema([
      { typeDefs: completeTypeDefs(options.typeDefs), resolvers: mergeResolvers(options.resolvers) as never },
    ]),
    csrfPrevention: true,
    introspection: false,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger: options.log,
    formatError: (formatted, error) => toPublicError(formatted, error),
    plugins: [
      errorPlugin<C>(options.log, (context) => (context as Identified)[REQUEST_ID] ?? "unknown"),
      ...([
        ApolloServerPluginUsageReportingDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginCacheControlDisabled(),
      ] as ApolloServerPlugin<C>[]),
    ],
  });
  await server.start();
  const baseContext = createBaseContext(options.internalSecret);
  options.http.route("/graphql", async (request, response) => {
    try {
      if (request.method !== "POST") throw new CadenzaError("BAD_USER_INPUT", "Only POST is answered here.");
      const base = await baseContext(request);
      const body = parseJsonBody(await readBody(request, options.maxBodyBytes ?? 8 * 1024 * 1024));
      const traceparent = headerOf(request.headers["traceparent"]);
      await traced(`${options.name} request`, { traceparent }, () =>
        answerGraphql(server, { headers: request.headers, body }, response, async () => {
          const context = await options.context(base);
          return Object.assign(context, { [REQUEST_ID]: base.requestId });
        }),
      );
    } catch (error) {
      if (!(error instanceof CadenzaError)) throw error;
      sendGraphqlError(response, error);
    }
  });
  return { stop: () => server.stop() };
}

function createBaseContext(secret: string): (request: IncomingMessage) => Promise<RequestContext> {
  const identityOf = createIdentityReader(secret);
  return async ({ headers }) => {
    const { organizationId, role, actor } = await identityOf(headerOf(headers["x-cadenza-identity"]));
    if (role === "SERVICE") throw new UnauthenticatedError("A service asks by gRPC, not through the graph.");
    const deadline = Number(headerOf(headers["x-cadenza-deadline"]));
    return {
      scope: organizationScope(organizationId),
      actor,
      role,
      userId: actor.kind === "USER" ? actor.id : null,
      requestId: headerOf(headers["x-request-id"]) ?? randomUUID(),
      deadlineAt:
        Number.isFinite(deadline) && deadline > 0 ? deadline : realClock.now().getTime() + DEFAULT_DEADLINE_MS,
    };
  };
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Later maps add to earlier ones, type by type. Scalars that the schema does not use are left out by the builder. */
function mergeResolvers(resolvers: Resolvers | readonly Resolvers[]): Resolvers {
  const merged: Resolvers = { ...scalarResolvers };
  for (const map of Array.isArray(resolvers) ? (resolvers as readonly Resolvers[]) : [resolvers as Resolvers]) {
    for (const [type, fields] of Object.entries(map)) {
      const known = merged[type];
      merged[type] = known && type in scalarResolvers === false ? { ...known, ...(fields as object) } : fields;
    }
  }
  return merged;
}
