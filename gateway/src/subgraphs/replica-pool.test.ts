import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { isConnectionError, ReplicaPool } from "./replica-pool.ts";

const servers: Server[] = [];
const pools: ReplicaPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  for (const server of servers.splice(0)) server.closeAllConnections();
});

type Replica = { url: string; seen: string[]; stop(): Promise<void> };

async function replica(name: string): Promise<Replica> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url!);
    response.end(name);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, seen, stop };
}

function poolOf(...replicas: Replica[]): ReplicaPool {
  const pool = new ReplicaPool(replicas.map(({ url }) => url));
  pools.push(pool);
  return pool;
}

const ask = async (pool: ReplicaPool, isRepeatable = true): Promise<string> =>
  (await pool.request({ method: "POST", body: "{}", isRepeatable })).body.text();

test("API-6: replicas take turns", async () => {
  const [a, b] = [await replica("a"), await replica("b")];
  const pool = poolOf(a, b);
  for (let i = 0; i < 4; i++) await ask(pool);
  expect([a.seen.length, b.seen.length]).toEqual([2, 2]);
});

test("API-6: a query finds the replica that lives, and the dead one is left alone", async () => {
  const [a, b] = [await replica("a"), await replica("b")];
  const pool = poolOf(a, b);
  await a.stop();
  expect(await Promise.all(Array.from({ length: 10 }, () => ask(pool)))).toEqual(Array.from({ length: 10 }, () => "b"));
});

test("API-6: a mutation is sent once, whatever becomes of it", async () => {
  const [a, b] = [await replica("a"), await replica("b")];
  const pool = poolOf(a, b);
  await a.stop();
  await expect(ask(pool, false)).rejects.toSatisfy(isConnectionError);
  expect(b.seen).toEqual([]);
});
