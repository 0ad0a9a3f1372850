import { connectBus } from "@cadenza/messaging";
import type { ServiceContext } from "@cadenza/platform";
import { createRpcClient } from "@cadenza/rpc";
import { Callers } from "./callers.ts";
import type { GatewayConfig } from "./config.ts";
import { serveExplorer } from "./explorer/serve-explorer.ts";
import { startGraph } from "./graph.ts";
import { createGraphqlEndpoint } from "./http/graphql-endpoint.ts";
import { createImportsEndpoint } from "./http/imports-endpoint.ts";
import { Authenticator } from "./identity/authenticator.ts";
import { createInternalTokens } from "./identity/internal-tokens.ts";
import { createIdentityResolver } from "./identity/resolve-identity.ts";
import { createTokenVerifier } from "./identity/verify-token.ts";
import { createDocumentGuard } from "./limits/document-guard.ts";
import { RateLimiter } from "./limits/rate-limiter.ts";
import { ReplicaPool } from "./subgraphs/replica-pool.ts";
import type { LiveTiming } from "./subscriptions/live-execution.ts";
import { LiveHub } from "./subscriptions/live-hub.ts";
import { Operations } from "./subscriptions/operations.ts";
import { SocketServer } from "./subscriptions/socket-server.ts";

export type GatewayOptions = {
  /** Text of `schema/supergraph.graphql`. */
  supergraph: string;
  /** Prefix of NATS subjects (default ""). */
  namespace?: string;
  /** For tests. */
  timing?: Partial<LiveTiming>;
};

/** Wires the gateway and serves it on the service's server. */
export async function startGateway(service: ServiceContext<GatewayConfig>, options: GatewayOptions): Promise<void> {
  const { config, log, lifecycle, http, metrics } = service;
  const development = config.DEVELOPMENT;
  const replicas = new Map(Object.entries(config.SUBGRAPHS).map(([name, urls]) => [name, new ReplicaPool(urls)]));
  lifecycle.onClose(
    "subgraphs",
    async () => void (await Promise.all([...replicas.values()].map((pool) => pool.close()))),
  );
  const crm = createRpcClient("Identity", config.CRM_GRPC, {
    internalSecret: config.INTERNAL_SECRET,
    service: "gateway",
  });
  lifecycle.onClose("identity", () => crm.close());
  const bus = await connectBus({ url: config.NATS_URL, name: "gateway", log, namespace: options.namespace ?? "" });
  lifecycle.onClose("bus", () => bus.close());
  // No condition of readiness: queries need no bus, and subscriptions find the state again when it is back.

  const callers = createCallers(config, crm);
  const graph = await startGraph({ supergraph: options.supergraph, replicas, development, log });
  lifecycle.onClose("graph", () => graph.server.stop());
  const guard = createDocumentGuard({ development });
  const seconds = metrics.histogram("gateway_request_seconds", "Time from a request's arrival to its answer.", [
    "outcome",
  ]);
  http.route("/graphql", createGraphqlEndpoint({ graph, callers, guard, development, seconds, log }));
  const crmReplicas = replicas.get("crm");
  if (crmReplicas) http.route("/imports", createImportsEndpoint({ crm: crmReplicas, callers, development, log }));
  if (development) serveExplorer(http, { token: config.EXPLORER_TOKEN });

  const hub = new LiveHub(bus, options.timing);
  const operations = new Operations({ graph, callers, guard, hub, log });
  const sockets = new SocketServer({
    http,
    callers,
    operations,
    maxSockets: config.MAX_SOCKETS_PER_PRINCIPAL,
    maxSubscriptions: config.MAX_SUBSCRIPTIONS_PER_PRINCIPAL,
    metrics,
    log,
  });
  lifecycle.onDrain("sockets", () => sockets.drain());
  lifecycle.onClose("sockets", () => sockets.close());
}

function createCallers(config: GatewayConfig, crm: Parameters<typeof createIdentityResolver>[0]): Callers {
  const verify = createTokenVerifier({
    secret: config.JWT_SECRET,
    jwksUrl: config.JWKS_URL,
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
  });
  return new Callers({
    authenticator: new Authenticator(verify, createIdentityResolver(crm)),
    perOrganization: new RateLimiter(config.RATE_LIMIT_PER_ORGANIZATION),
    perKey: new RateLimiter(config.RATE_LIMIT_PER_KEY),
    sign: createInternalTokens(config.INTERNAL_SECRET),
  });
}
