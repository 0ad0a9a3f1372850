import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { Load, outage } from "./load.ts";
import { expectNothingLost } from "./verdict.ts";

test("REL-3: NATS is killed and its store wiped under load: runs go on within 30 s, nothing is lost or twice", async () => {
  const verdict = await Load.judged({ contacts: 800, acceptMs: 60 }, async (load) => {
    await load.moreMail(50, 30_000, "before the wipe");
    await load.signal("nats-server", "SIGSTOP");
    await rm(join(load.stack.home, "data/nats"), { recursive: true, force: true });
    await load.signal("nats-server", "SIGKILL");
    // More than what was queued for sending when it happened: runs go on, not only messages.
    await load.moreMail(600, 45_000, "after the wipe");
  });
  expectNothingLost(verdict, { runs: 800 });
});

test("REL-3: NATS does not answer for 20 s under load: all goes on once it is back", async () => {
  const verdict = await Load.judged({ contacts: 800, acceptMs: 60 }, async (load) => {
    await load.moreMail(50, 30_000, "before the outage");
    await load.signal("nats-server", "SIGSTOP");
    await outage(20);
    await load.signal("nats-server", "SIGCONT");
  });
  expectNothingLost(verdict, { runs: 800 });
});
