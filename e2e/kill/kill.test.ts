import { test } from "vitest";
import { killUnderLoad } from "../faults/kill-scenario.ts";

test("REL-1: processes and NATS killed under load: nothing lost, nothing twice, nothing stuck", {
  timeout: 300_000,
}, async () => {
  await killUnderLoad({ contacts: 300, kills: 10, betweenKillsMs: 700 });
});
