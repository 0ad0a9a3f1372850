import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { findMongod, initiateReplicaSet, mongodArguments, mongodUrl } from "./mongod.ts";
import { awaitJetStream, findNatsServer, natsArguments, natsUrl } from "./nats-server.ts";

/** A server that lives as long as a test run and leaves nothing behind. */
export interface TemporaryServer {
  readonly url: string;
  readonly pid: number;
  /** Ends the process and deletes its data. */
  stop(): Promise<void>;
}

interface Start {
  readonly program: string;
  readonly args: string[];
  readonly url: string;
  readonly dataDir: string;
  readonly ready: () => Promise<void>;
}

async function startTemporary(start: Start): Promise<TemporaryServer> {
  await mkdir(start.dataDir, { recursive: true });
  const child = spawn(start.program, start.args, { stdio: "ignore" });
  const died = once(child, "exit").then(([code]) => {
    throw new Error(`${start.program} ended with ${String(code)} before it was ready; see ${start.dataDir}/*.log`);
  });
  died.catch(() => undefined);
  try {
    await Promise.race([start.ready(), died]);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return { url: start.url, pid: child.pid ?? 0, stop: () => stopTemporary(child, start.dataDir) };
}

async function stopTemporary(child: ChildProcess, dataDir: string): Promise<void> {
  // Its data goes with it, so nothing is worth a clean stop.
  if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

/** A real mongod replica set of one with 1 GiB of cache, its data under `folder`/mongod-<port>. */
export async function startTemporaryMongod(toolsDir: string, folder: string): Promise<TemporaryServer> {
  const [{ path }, port] = await Promise.all([findMongod(toolsDir), freePort()]);
  const dataDir = join(folder, `mongod-${port}`);
  const args = mongodArguments({ dataDir, logFile: join(dataDir, "mongod.log"), port, cacheGiB: 1 });
  return startTemporary({ program: path, args, url: mongodUrl(port), dataDir, ready: () => initiateReplicaSet(port) });
}

/** A real nats-server with JetStream, its data under `folder`/nats-<port>. */
export async function startTemporaryNats(toolsDir: string, folder: string): Promise<TemporaryServer> {
  const [{ path }, port] = await Promise.all([findNatsServer(toolsDir), freePort()]);
  const dataDir = join(folder, `nats-${port}`);
  const args = natsArguments({ dataDir, logFile: join(dataDir, "nats.log"), port });
  const url = natsUrl(port);
  return startTemporary({ program: path, args, url, dataDir, ready: () => awaitJetStream(url) });
}
