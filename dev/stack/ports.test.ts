import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gatewayPort, Ports, PortTakenError } from "./ports.ts";

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
  expect(await gatewayPort(port, () => undefined)).toBe(port);
  await occupy(port);
  await expect(gatewayPort(port, () => undefined)).rejects.toThrow(PortTakenError);
});
