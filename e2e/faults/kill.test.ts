import { test } from "vitest";
import { killUnderLoad } from "./kill-scenario.ts";

test("REL-1: 2,000 runs, 40 kills: nothing lost, nothing twice, nothing stuck", { timeout: 600_000 }, async () => {
  await killUnderLoad({ contacts: 2000, kills: 40, betweenKillsMs: 1500 });
});
