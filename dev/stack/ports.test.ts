import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gatewayPort, Ports, PortTakenError } from "./ports.ts";
import { answersReady } from "./service-specs.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "ports-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
}

test("OPS-1: a restart takes the same ports, and another where one is taken by then", async () => {
  const data = folder();
  const ports = new Ports(data);
  const [mongod, crm] = [await ports.take("mongod"), await ports.take("crm-0")];
  expect(mongod).not.toBe(crm);
  await occupy(crm);
  const later = new Ports(data);
  expect(await later.take("mongod")).toBe(mongod);
  expect(await later.take("crm-0")).not.toBe(crm);
});

test("OPS-1: a taken port that was asked for is reported", async () => {
  const port = await new Ports(folder()).take("gateway");
  const held = await gatewayPort(port, () => undefined);
  expect(held.port).toBe(port);
  await expect(gatewayPort(port, () => undefined)).rejects.toThrow(PortTakenError);
  await held.release();
  await occupy(port);
  await expect(gatewayPort(port, () => undefined)).rejects.toThrow(PortTakenError);
});

test("OPS-1: a process is not taken for ready because another stack's has its port", async () => {
  const answer = JSON.stringify({ ready: true, pid: process.pid });
  const server = createHttpServer((_, response) => response.end(answer)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`;
  expect(await answersReady(url, process.pid)).toBe(true);
  expect(await answersReady(url, process.pid + 1)).toBe(false);
});

test("OPS-1: a client that comes to a held port does not hold up its release", async () => {
  const port = await new Ports(folder()).take("gateway");
  const held = await gatewayPort(port, () => undefined);
  const client = connect(port, "127.0.0.1");
  await once(client, "connect");
  await held.release();
  client.destroy();
  await occupy(port);
});
