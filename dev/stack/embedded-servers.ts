import {
  awaitJetStream,
  findMongod,
  findNatsServer,
  initiateReplicaSet,
  mongodArguments,
  mongodUrl,
  natsArguments,
  natsUrl,
} from "@cadenza/embedded";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { StackFolders } from "./folders.ts";
import type { Ports } from "./ports.ts";
import type { Progress } from "./progress.ts";
import type { ProcessSpec } from "./supervised-process.ts";
import type { Supervisor } from "./supervisor.ts";

const READY_TIMEOUT_MS = 60_000;

interface Context {
  readonly folders: StackFolders;
  readonly ports: Ports;
  readonly supervisor: Supervisor;
  readonly progress: Progress;
  readonly env: Readonly<Record<string, string>>;
}

/** URLs of MongoDB and NATS: the given ones, or those of servers started here. */
export async function startServers(context: Context): Promise<{ mongoUrl: string; natsUrl: string }> {
  const [mongoUrl, nats] = await Promise.all([
    given("MONGO_URL", "MongoDB", context) ?? startMongod(context),
    given("NATS_URL", "NATS", context) ?? startNats(context),
  ]);
  return { mongoUrl, natsUrl: nats };
}

function given(variable: "MONGO_URL" | "NATS_URL", what: string, { progress }: Context): string | undefined {
  const url = process.env[variable] || undefined;
  if (url) progress.say(`${what}: the one that ${variable} names`);
  return url;
}

async function startMongod({ folders, ports, supervisor, progress, env }: Context): Promise<string> {
  const { path, what } = await findMongod(folders.tools, (line) => progress.say(line));
  const dataDir = join(folders.data, "mongodb");
  mkdirSync(dataDir, { recursive: true });
  const port = await ports.take("mongod");
  const logFile = join(folders.logs, "mongod.log");
  // mongod writes its own log; what it prints besides is the reason of a failed start.
  const spec = server("mongod", path, join(folders.logs, "mongod.out.log"), env, {
    args: mongodArguments({ dataDir, logFile, port, cacheGiB: 2 }),
    ready: () => initiateReplicaSet(port, 1_000),
  });
  await supervisor.start("servers", spec).awaitReady(READY_TIMEOUT_MS);
  progress.say(`MongoDB: ${what}, port ${port}`);
  return mongodUrl(port);
}

async function startNats({ folders, ports, supervisor, progress, env }: Context): Promise<string> {
  const { path, what } = await findNatsServer(folders.tools, (line) => progress.say(line));
  const dataDir = join(folders.data, "nats");
  mkdirSync(dataDir, { recursive: true });
  const port = await ports.take("nats-server");
  const url = natsUrl(port);
  const spec = server("nats-server", path, join(folders.logs, "nats-server.out.log"), env, {
    args: natsArguments({ dataDir, logFile: join(folders.logs, "nats-server.log"), port }),
    ready: () => awaitJetStream(url, 1_000),
  });
  await supervisor.start("servers", spec).awaitReady(READY_TIMEOUT_MS);
  progress.say(`NATS: ${what}, port ${port}`);
  return url;
}

function server(
  service: string,
  command: string,
  logFile: string,
  env: Readonly<Record<string, string>>,
  { args, ready }: { args: string[]; ready: () => Promise<void> },
): ProcessSpec {
  return {
    service,
    replica: 0,
    command,
    args,
    env,
    logFile,
    ready: () =>
      ready().then(
        () => true,
        () => false,
      ),
    healthUrl: null,
    metricsUrl: null,
    graphqlUrl: null,
  };
}
