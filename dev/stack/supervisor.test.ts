import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@cadenza/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProcessSpec } from "./supervised-process.ts";
import { Supervisor } from "./supervisor.ts";

let folder: string;
let supervisor: Supervisor;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "supervisor-"));
  said = [];
  supervisor = new Supervisor({ say: (line) => said.push(line), changed: () => undefined });
});
afterEach(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true });
});

/** A process that runs `script`; ready once its log has text. */
function program(script: string, service = "some"): ProcessSpec {
  const logFile = join(folder, `${service}.log`);
  return {
    service,
    replica: 0,
    command: process.execPath,
    args: ["-e", script],
    env: {},
    logFile,
    ready: async () => readFileSync(logFile, "utf8").includes("up"),
    healthUrl: null,
    metricsUrl: null,
    graphqlUrl: null,
  };
}
const RUNS = "console.log('up'); setInterval(() => {}, 1000)";

test("OPS-3: a process that dies is running again within a second", async () => {
  const child = supervisor.start("services", program(RUNS));
  await child.awaitReady(5_000);
  const before = child.pid;
  const killedAt = performance.now();
  process.kill(before!, "SIGKILL");
  await eventually(() => expect(child.pid).not.toBe(before));
  await eventually(() => expect(child.pid).not.toBeNull());
  expect(performance.now() - killedAt).toBeLessThan(1_000);
  expect(said).toEqual(["some ended (SIGKILL); starting it again"]);
});

test("OPS-3: one that keeps dying is started again ever later, within a second, and each death is told", async () => {
  const startedAt: number[] = [];
  supervisor = new Supervisor({ say: (line) => said.push(line), changed: () => startedAt.push(performance.now()) });
  supervisor.start("services", program("process.exit(3)"));
  await eventually(() => expect(said).toHaveLength(4));
  const pauses = startedAt.slice(1, 4).map((at, index) => at - startedAt[index]!);
  for (const [index, least] of [100, 200, 400].entries()) expect(pauses[index]).toBeGreaterThan(least - 5);
  expect(Math.max(...pauses)).toBeLessThan(1000);
  expect(new Set(said)).toEqual(new Set(["some ended (code 3); starting it again"]));
});

test("OPS-3: one that dies before it is ready is given up with the end of its log", async () => {
  const child = supervisor.start("services", program("console.error('PORT: expected a number'); process.exit(3)"));
  await expect(child.awaitReady(10_000)).rejects.toThrow(/ended 4 times[\s\S]*PORT: expected a number/);
});

test("OPS-2: a stop ends services before the gateway, and the servers they write to last", async () => {
  const order = join(folder, "order");
  writeFileSync(order, "");
  const append = (name: string) =>
    `process.on('SIGTERM', () => { require('fs').appendFileSync(${JSON.stringify(order)}, '${name} '); process.exit(0) });`;
  const started = (["servers", "services", "gateway"] as const).map((wave) =>
    supervisor.start(wave, program(append(wave) + RUNS, wave)),
  );
  await Promise.all(started.map((child) => child.awaitReady(5_000)));
  await supervisor.stop();
  expect(readFileSync(order, "utf8")).toBe("services gateway servers ");
  expect(started.map(({ pid }) => pid)).toEqual([null, null, null]);
});

test("OPS-2: a process that does not heed SIGTERM is killed when its time is over", async () => {
  const child = supervisor.start("gateway", program(`process.on('SIGTERM', () => {}); ${RUNS}`));
  await child.awaitReady(5_000);
  const started = performance.now();
  await supervisor.stop();
  expect(child.pid).toBeNull();
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(said).toEqual(["some did not end in time and was killed"]);
});
