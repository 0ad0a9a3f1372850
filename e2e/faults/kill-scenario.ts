import { setTimeout as wait } from "node:timers/promises";
import { Load } from "./load.ts";
import { expectNothingLost } from "./verdict.ts";

const VICTIMS = ["run-orchestrator", "dispatcher", "communications", "crm", "nats-server"] as const;
/** Messages of one account that a dispatcher has under way: so many may be in doubt when it dies. */
const UNDER_WAY = 5;

/** REL-1: processes are killed with SIGKILL under load, one after another. */
export async function killUnderLoad(options: {
  contacts: number;
  kills: number;
  betweenKillsMs: number;
}): Promise<void> {
  const verdict = await Load.judged({ contacts: options.contacts }, async (load) => {
    for (let kill = 0; kill < options.kills; kill++) {
      await wait(options.betweenKillsMs);
      const victim = VICTIMS[kill % VICTIMS.length]!;
      // One that died a moment ago may not be back yet.
      if ((await load.stack.processes(victim)).length > 0) await load.signal(victim, "SIGKILL", kill);
    }
  });
  const dispatcherKills = Math.ceil(options.kills / VICTIMS.length);
  expectNothingLost(verdict, { runs: options.contacts, unknown: dispatcherKills * UNDER_WAY });
}
