import { test } from "vitest";
import { until } from "../stack/until.ts";
import { Load, outage } from "./load.ts";
import { expectNothingLost } from "./verdict.ts";

async function ends(pid: number, what: string, withinMs: number): Promise<void> {
  await until(
    () => isAlive(pid),
    (alive) => !alive,
    { timeoutMs: withinMs, what: `${what} to end` },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
}

test("REL-5: each service is told to end under load: it ends with 0 in time, and its work moves", async () => {
  const services = ["run-orchestrator", "dispatcher", "communications", "crm", "workflow-definition", "tasks"];
  const verdict = await Load.judged({ contacts: 800, acceptMs: 60 }, async (load) => {
    await load.moreMail(50, 30_000, "before the stops");
    for (const service of services) {
      const pid = await load.signal(service, "SIGTERM");
      await ends(pid, service, 10_000);
      await until(
        () => load.stack.output.includes(`${service} ended (code 0)`),
        (said) => said,
        { timeoutMs: 2000, what: `${service} to end with 0` },
      );
    }
    await load.moreMail(100, 30_000, "after the stops");
  });
  expectNothingLost(verdict, { runs: 800 });
});

test("REL-5: a service ends in time while the peer it asks does not answer", async () => {
  const verdict = await Load.judged({ contacts: 300, acceptMs: 40 }, async (load) => {
    await load.moreMail(50, 30_000, "before the stop");
    await load.signal("crm", "SIGSTOP");
    const pid = await load.signal("communications", "SIGTERM");
    await ends(pid, "communications", 8000);
    await load.signal("crm", "SIGCONT");
  });
  expectNothingLost(verdict, { runs: 300 });
});

test.for(["run-orchestrator", "dispatcher"])(
  "REL-2: a replica of the %s stands still for 20 s, then goes on: nothing is done twice",
  async (service) => {
    const verdict = await Load.judged({ contacts: 1000, acceptMs: 100 }, async (load) => {
      await load.moreMail(50, 30_000, "before the stop");
      const replica = service === "dispatcher" ? await load.sender() : 0;
      await load.signal(service, "SIGSTOP", replica);
      await outage(20);
      await load.signal(service, "SIGCONT", replica);
    });
    // What the dispatcher had handed over when it was stopped stays in doubt only if its connection broke meanwhile.
    expectNothingLost(verdict, { runs: 1000, unknown: service === "dispatcher" ? 5 : 0 });
  },
);
