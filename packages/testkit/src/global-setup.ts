import { startTemporaryMongod, startTemporaryNats, type TemporaryServer } from "@cadenza/embedded";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { SERVERS_VARIABLE } from "./shared-servers.ts";

const ROOT = join(import.meta.dirname, "../../..");
const TOOLS = join(ROOT, ".cadenza/tools");

/**
 * Vitest's global set-up: one mongod and one nats-server for the run, started when the first test asks for it, so
 * that a run of pure tests starts neither. Test files live in processes of their own and ask over HTTP.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = join(ROOT, ".cadenza/test", String(process.pid));
  const started = new Map<string, Promise<TemporaryServer>>();
  const starters: Record<string, () => Promise<TemporaryServer>> = {
    "/mongo": () => startTemporaryMongod(TOOLS, folder),
    "/nats": () => startTemporaryNats(TOOLS, folder),
  };

  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const start = starters[path];
    if (!start) return void response.writeHead(404).end();
    const running = started.get(path) ?? start();
    started.set(path, running);
    running.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env[SERVERS_VARIABLE] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return async () => {
    server.closeAllConnections();
    server.close();
    const stopped = [...started.values()].map(async (running) => (await running).stop());
    await Promise.allSettled(stopped);
    await rm(folder, { recursive: true, force: true });
  };
}
