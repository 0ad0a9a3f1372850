import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BootstrapOrganizations } from "./organizations.ts";
import { ROOT, type StackFolders } from "./folders.ts";
import { SERVICES, type ServiceName, type StackOptions } from "./options.ts";
import type { Ports } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import type { ProcessSpec } from "./supervised-process.ts";
import { AUDIENCE, ISSUER, userToken } from "./tokens.ts";

/** Subgraphs; the dispatcher has no graph. */
const SUBGRAPHS: ReadonlySet<ServiceName> = new Set(SERVICES.filter((name) => name !== "dispatcher"));
/** Services that others ask by gRPC, and the variable that tells where. */
const GRPC_VARIABLES: Partial<Record<ServiceName, string>> = {
  crm: "CRM_GRPC",
  "workflow-definition": "WORKFLOW_DEFINITION_GRPC",
  communications: "COMMUNICATIONS_GRPC",
};

export interface ServiceContext {
  readonly folders: StackFolders;
  readonly options: StackOptions;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly organizations: BootstrapOrganizations;
  readonly env: Readonly<Record<string, string>>;
  readonly mongoUrl: string;
  readonly natsUrl: string;
}

/** A program of this project, with the endpoints of `OpsServer`. */
export function nodeProcess(
  program: { service: string; replica?: number; main: string; port: number; graph?: boolean; metrics?: boolean },
  folders: StackFolders,
  env: Readonly<Record<string, string>>,
): ProcessSpec {
  const { service, replica = 0, main, port } = program;
  const base = `http://127.0.0.1:${port}`;
  return {
    service,
    replica,
    command: process.execPath,
    args: [join(ROOT, main)],
    env: { ...env, PORT: String(port), REPLICA: String(replica) },
    logFile: join(folders.logs, `${service}-${replica}.log`),
    ready: (pid) => answersReady(`${base}/readyz`, pid),
    healthUrl: `${base}/healthz`,
    metricsUrl: program.metrics === false ? null : `${base}/metrics`,
    graphqlUrl: program.graph ? `${base}/graphql` : null,
  };
}

/** The replicas of every service whose program exists. */
export async function serviceSpecs(context: ServiceContext): Promise<ProcessSpec[]> {
  const { folders, options, ports } = context;
  const present = SERVICES.filter((name) => existsSync(join(ROOT, `services/${name}/src/main.ts`)));
  const replicas = present.flatMap((service) =>
    Array.from({ length: options.scale.get(service) ?? 1 }, (_, replica) => ({ service, replica })),
  );
  const placed = [];
  for (const { service, replica } of replicas) {
    const port = await ports.take(`${service}-${replica}`);
    const grpcPort = GRPC_VARIABLES[service] ? await ports.take(`${service}-${replica}-grpc`) : null;
    placed.push({ service, replica, port, grpcPort });
  }

  const shared = await sharedEnvironment(context);
  return placed.map(({ service, replica, port, grpcPort }) => {
    const own = { ...ownEnvironment(service, port, context), ...(grpcPort ? { GRPC_PORT: String(grpcPort) } : {}) };
    const main = `services/${service}/src/main.ts`;
    return nodeProcess({ service, replica, main, port, graph: SUBGRAPHS.has(service) }, folders, { ...shared, ...own });
  });
}

async function sharedEnvironment(context: ServiceContext): Promise<Record<string, string>> {
  const grpc: Record<string, string> = {};
  for (const [service, variable] of Object.entries(GRPC_VARIABLES)) {
    grpc[variable] = `127.0.0.1:${await context.ports.place(`${service}-0-grpc`)}`;
  }
  return {
    ...grpc,
    ...context.env,
    MONGO_URL: context.mongoUrl,
    NATS_URL: context.natsUrl,
    NATS_REPLICAS: "1",
    INTERNAL_SECRET: context.secrets.internal,
    TEST_CLOCK: context.options.testClock ? "1" : "0",
    LOG_LEVEL: process.env["LOG_LEVEL"] || "info",
  };
}

function ownEnvironment(service: ServiceName, port: number, context: ServiceContext): Record<string, string> {
  const sending = { SECRETS_KEY: context.secrets.secretsKey, ALLOW_PRIVATE_NETWORKS: "1" };
  if (service === "crm") return { BOOTSTRAP_ORGANIZATIONS: context.organizations.path };
  if (service === "communications") return { ...sending, PUBLIC_URL: `http://127.0.0.1:${port}` };
  if (service === "dispatcher") return { ...sending, UNKNOWN_AFTER_MS: "60000" };
  return {};
}

/** The gateway over the subgraphs among `services`; null while it has no program. */
export async function gatewaySpec(
  context: ServiceContext,
  services: readonly ProcessSpec[],
  port: number,
): Promise<ProcessSpec | null> {
  const main = "gateway/src/main.ts";
  if (!existsSync(join(ROOT, main))) return null;
  const urls = Map.groupBy(
    services.filter(({ graphqlUrl }) => graphqlUrl !== null),
    ({ service }) => service,
  );
  const subgraphs = [...urls].map(([name, replicas]) => [name, replicas.map(({ graphqlUrl }) => graphqlUrl).join(",")]);
  const [demo] = context.organizations.organizations;
  const admin = demo?.users.find(({ role }) => role === "ADMIN");
  const explorer: Record<string, string> =
    demo && admin ? { EXPLORER_TOKEN: await userToken(context.secrets.jwt, demo, admin.id) } : {};
  return nodeProcess({ service: "gateway", main, port, graph: true }, context.folders, {
    ...explorer,
    ...(await sharedEnvironment(context)),
    SUBGRAPHS: JSON.stringify(Object.fromEntries(subgraphs)),
    JWT_SECRET: context.secrets.jwt,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    DEVELOPMENT: "1",
  });
}

/** Whether the process `pid` says that it is ready; one that tells no pid is believed. */
export async function answersReady(url: string, pid: number | null): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const said = /"pid":(\d+)/.exec(await response.text())?.[1];
    return response.ok && (said === undefined || Number(said) === pid);
  } catch {
    // Not listening yet, which is the answer asked for.
    return false;
  }
}
