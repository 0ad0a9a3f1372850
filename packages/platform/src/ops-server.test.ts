import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { Metrics } from "./metrics.ts";
import { OpsServer } from "./ops-server.ts";

let ops: OpsServer;
let url: string;

beforeEach(async () => {
  const metrics = new Metrics({ service: "test" });
  metrics.counter("sends_total", "Sends.", ["outcome"]).inc({ outcome: "accepted" });
  ops = new OpsServer({ log: createLogger({ service: "test", level: "fatal" }), metrics });
  url = `http://127.0.0.1:${await ops.listen(0)}`;
});
afterEach(() => ops.close());

const statusOf = async (path: string) => (await fetch(url + path)).status;

test("OPS-5: readiness follows what a service depends on, and is false once it drains; liveness stays", async () => {
  let isConnected = false;
  ops.ready("database", () => isConnected);
  ops.ready("bus", () => Promise.resolve(true));
  expect(await statusOf("/readyz")).toBe(503);
  isConnected = true;
  expect(await statusOf("/readyz")).toBe(200);
  ops.drain();
  expect([await statusOf("/readyz"), await statusOf("/healthz")]).toEqual([503, 200]);
});

test("OPS-5: a check that fails or does not answer makes a service unready, not broken", async () => {
  ops.ready("failing", () => Promise.reject(new Error("no host may be named here: 10.0.0.7")));
  ops.ready("silent", () => new Promise<boolean>(() => undefined));
  const response = await fetch(`${url}/readyz`);
  const text = await response.text();
  expect(response.status).toBe(503);
  expect(JSON.parse(text)).toMatchObject({ ready: false, checks: { failing: false, silent: false } });
  expect(text).not.toContain("10.0.0.7");
});

test("OPS-5: metrics are Prometheus text, with the event loop's delay and the service's own counters", async () => {
  const text = await (await fetch(`${url}/metrics`)).text();
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds\{service="test",replica="0"\}/m);
  expect(text).toContain('cadenza_sends_total{outcome="accepted",service="test",replica="0"} 1');
});

test("API-6: a handler that throws is answered without what it said", async () => {
  ops.route("/broken", () => {
    throw new Error("secret detail");
  });
  const response = await fetch(`${url}/broken`);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
});
