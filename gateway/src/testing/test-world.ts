import type { ResolveIdentityRequest, ResolveIdentityResponse } from "@cadenza/contracts";
import { connectBus } from "@cadenza/messaging";
import { createLogger, Lifecycle, Metrics, newId, OpsServer, readConfig, realClock } from "@cadenza/platform";
import { createRpcServer } from "@cadenza/rpc";
import { composeSupergraph } from "@cadenza/schema";
import type { RequestContext } from "@cadenza/subgraph";
import { startNats, streamPrefix } from "@cadenza/testkit";
import { SignJWT } from "jose";
import { configSchema } from "../config.ts";
import { startGateway } from "../start-gateway.ts";
import type { LiveTiming } from "../subscriptions/live-execution.ts";
import { startFakeSubgraph, typeDefsOf } from "./fake-subgraph.ts";

const INTERNAL_SECRET = "internal secret of at least 32 characters";
const JWT_SECRET = "jwt secret of at least thirty-two characters";
const id = (): string => newId(realClock.now());

export type Answer = {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
};
type FakeRun = { id: string; organizationId: string; status: string; version: number };

const CRM = `
  type Lead @key(fields: "id") { id: ID! name: String! parent: Lead }
  type Query { whoAmI: String! lead(id: ID!): Lead }
  input RenameInput { name: String! at: DateTime data: JSON }
  type Mutation { rename(id: ID!, input: RenameInput!): Lead importLeads(content: String!): Int! fail(how: String!): Int }
`;
const RUNS = `
  type Run @key(fields: "id") { id: ID! status: String! version: Int! lead: Lead }
  type Lead @key(fields: "id") { id: ID! openRuns: Int }
  type Query { run(id: ID!): Run }
  type Subscription { runUpdated(id: ID!): Run }
`;

/**
 * A gateway before two fake subgraphs, with an identity service and a real NATS. `runs` is what the second subgraph
 * shows; `queries` counts how often it was asked.
 */
export async function startWorld(options: { env?: Record<string, string>; timing?: Partial<LiveTiming> } = {}) {
  const organizationId = id();
  const userId = id();
  const users = new Map([[userId, { role: "MEMBER" as "ADMIN" | "MEMBER" | "VIEWER", active: true }]]);
  const apiKeys = new Map<string, string>();
  const runs = new Map<string, FakeRun>();
  const seen = { queries: 0, renames: 0, deadlines: [] as number[] };
  const log = createLogger({ service: "gateway", level: "silent" });

  const crmResolvers = {
    Query: {
      whoAmI: (_: unknown, _args: unknown, { scope, role, actor, deadlineAt }: RequestContext) => {
        seen.deadlines.push(deadlineAt);
        return [scope.organizationId, role, actor.kind, actor.id].join(" ");
      },
      lead: (_: unknown, args: { id: string }) => ({ id: args.id, name: "Acme" }),
    },
    Lead: {
      __resolveReference: (reference: { id: string }) => ({ id: reference.id, name: "Acme" }),
      parent: () => ({ id: "P", name: "Parent" }),
    },
    Mutation: {
      rename: (_: unknown, args: { id: string; input: { name: string } }) => {
        seen.renames++;
        return { id: args.id, name: args.input.name };
      },
      importLeads: (_: unknown, { content }: { content: string }) => content.length,
      fail: () => {
        throw new Error("connect ECONNREFUSED 10.9.8.7:27017");
      },
    },
  };
  const runsResolvers = {
    Query: {
      run: (_: unknown, args: { id: string }, { scope }: RequestContext) => {
        seen.queries++;
        const run = runs.get(args.id);
        return run?.organizationId === scope.organizationId ? { ...run, lead: { id: "L1" } } : null;
      },
    },
    Lead: { openRuns: () => 3 },
    Run: { __resolveReference: (reference: { id: string }) => runs.get(reference.id) ?? null },
  };
  const crm = await startFakeSubgraph({
    name: "crm",
    sdl: CRM,
    resolvers: crmResolvers,
    internalSecret: INTERNAL_SECRET,
  });
  const startRuns = (port: number) =>
    startFakeSubgraph({
      name: "run-orchestrator",
      sdl: RUNS,
      resolvers: runsResolvers,
      internalSecret: INTERNAL_SECRET,
      port,
    });
  let runsSubgraph = await startRuns(0);
  const rpc = await createRpcServer({
    port: 0,
    internalSecret: INTERNAL_SECRET,
    log,
    services: { Identity: { resolve: async (request) => resolve(request) } },
  });

  function resolve(request: ResolveIdentityRequest): ResolveIdentityResponse {
    if ("apiKeyHash" in request) {
      const keyId = apiKeys.get(request.apiKeyHash);
      return {
        identity: keyId ? { organizationId, role: "ADMIN", userId: null, apiKeyId: keyId, label: "Robot" } : null,
      };
    }
    const user = users.get(request.userId);
    return {
      identity: user?.active
        ? {
            organizationId: request.organizationId,
            role: user.role,
            userId: request.userId,
            apiKeyId: null,
            label: "Ann",
          }
        : null,
    };
  }

  const namespace = `${streamPrefix()}.`;
  const { url: natsUrl } = await startNats();
  const bus = await connectBus({ url: natsUrl, name: "test", log, namespace });
  const metrics = new Metrics({ service: "gateway" });
  const lifecycle = new Lifecycle({ log });
  const http = new OpsServer({ log, metrics });
  const config = readConfig(configSchema, {
    NATS_URL: natsUrl,
    INTERNAL_SECRET,
    CRM_GRPC: `127.0.0.1:${rpc.port}`,
    SUBGRAPHS: JSON.stringify({ crm: crm.url, "run-orchestrator": runsSubgraph.url }),
    JWT_SECRET,
    JWT_ISSUER: "tests",
    JWT_AUDIENCE: "cadenza",
    ...options.env,
  });
  const { supergraph } = composeSupergraph([typeDefsOf(crm), typeDefsOf(runsSubgraph)]);
  await startGateway(
    { config, log, metrics, lifecycle, http, clock: realClock },
    { supergraph, namespace, timing: options.timing ?? {} },
  );
  const port = await http.listen(0);
  const url = `http://127.0.0.1:${port}`;

  async function token(
    claims: { sub?: string; org?: string; issuer?: string; audience?: string; secret?: string; seconds?: number } = {},
  ): Promise<string> {
    return new SignJWT({ org: claims.org ?? organizationId })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(claims.sub ?? userId)
      .setIssuer(claims.issuer ?? "tests")
      .setAudience(claims.audience ?? "cadenza")
      .setExpirationTime(Math.floor(realClock.now().getTime() / 1000) + (claims.seconds ?? 300))
      .sign(new TextEncoder().encode(claims.secret ?? JWT_SECRET));
  }
  const usual = await token();

  async function post(body: string, headers: Record<string, string> = {}): Promise<Answer & { status: number }> {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${usual}`, ...headers },
      body,
    });
    return { status: response.status, ...((await response.json()) as Answer) };
  }

  return {
    url,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    http,
    organizationId,
    userId,
    users,
    apiKeys,
    runs,
    seen,
    crm,
    lifecycle,
    stopRuns: () => runsSubgraph.stop(),
    async startRuns() {
      runsSubgraph = await startRuns(runsSubgraph.port);
    },
    token,
    usual,
    post,
    ask: (query: string, variables: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
      post(JSON.stringify({ query, variables }), headers),
    addRun(of = organizationId): FakeRun {
      const run = { id: id(), organizationId: of, status: "ACTIVE", version: 1 };
      runs.set(run.id, run);
      return run;
    },
    notify: (run: FakeRun) =>
      bus.publishCore(`live.run.${run.organizationId}.${run.id}`, JSON.stringify({ id: run.id, version: run.version })),
    async [Symbol.asyncDispose]() {
      await lifecycle.end();
      http.server.closeAllConnections();
      await http.close();
      await Promise.all([crm.stop(), runsSubgraph.stop(), rpc.close(), bus.close()]);
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
