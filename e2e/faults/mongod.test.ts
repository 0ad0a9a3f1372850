import { expect, test } from "vitest";
import { until } from "../stack/until.ts";
import { Load, outage } from "./load.ts";
import { expectNothingLost } from "./verdict.ts";

/** The gateway asks crm who calls (2 s), then a subgraph asks the database (2.5 s). */
const FAST_MS = 5000;

/** What a service says of itself: of its dependencies, and of its own life. */
async function probes(load: Load, service: string): Promise<{ ready: number; alive: number }> {
  const [process] = await load.stack.processes(service);
  const [ready, alive] = await Promise.all([
    fetch(process!.healthUrl!.replace("/healthz", "/readyz")),
    fetch(process!.healthUrl!),
  ]);
  return { ready: ready.status, alive: alive.status };
}

test("REL-4: mongod is killed under load: all goes on by itself once it is back", async () => {
  const verdict = await Load.judged({ contacts: 500, acceptMs: 40 }, async (load) => {
    await load.moreMail(50, 30_000, "before the kill");
    await load.signal("mongod", "SIGKILL");
    await load.moreMail(50, 30_000, "after the kill");
  });
  expectNothingLost(verdict, { runs: 500 });
});

test("REL-4: mongod stands still for 15 s: requests fail fast, readiness is false, liveness true, then all goes on", async () => {
  const verdict = await Load.judged({ contacts: 500, acceptMs: 40 }, async (load) => {
    await load.moreMail(50, 30_000, "before the outage");
    await load.signal("mongod", "SIGSTOP");
    const over = outage(15).then(() => load.signal("mongod", "SIGCONT"));
    await until(
      () => probes(load, "crm"),
      ({ ready }) => ready === 503,
      { timeoutMs: 3000, what: "crm to be unready" },
    );
    expect((await probes(load, "run-orchestrator")).alive).toBe(200);
    await until(
      async () => {
        const askedAt = performance.now();
        const answer = await load.graph.ask(`{ leads(first: 1) { totalCount } }`);
        return { ms: performance.now() - askedAt, codes: answer.errors.map(({ extensions }) => extensions?.code) };
      },
      ({ ms, codes }) => ms < FAST_MS && codes.length > 0 && codes.every((code) => code === "SERVICE_UNAVAILABLE"),
      { timeoutMs: 10_000, what: "a request to fail fast" },
    );
    expect(await probes(load, "crm")).toEqual({ ready: 503, alive: 200 });
    await over;
    await until(
      () => probes(load, "crm"),
      ({ ready }) => ready === 200,
      { timeoutMs: 10_000, what: "crm to be ready again" },
    );
  });
  expectNothingLost(verdict, { runs: 500 });
});
