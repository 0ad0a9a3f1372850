import { expect, test } from "vitest";
import { replayedSeed } from "./config.ts";
import { House } from "./house.ts";
import { NO_FAULTS } from "./simulated-process.ts";

const seeds = (count: number): number[] =>
  replayedSeed === null ? Array.from({ length: count }, (_, i) => i + 1) : [replayedSeed];

/** Ten seconds alone on two cores; a busy machine takes its time. */
const PATIENT = { timeout: 180_000 };

async function failing(stories: readonly number[], fail: (seed: number) => Promise<string[]>): Promise<string[]> {
  const complaints: string[] = [];
  for (const seed of stories)
    for (const complaint of await fail(seed)) complaints.push(`SIMULATION_SEED=${seed}: ${complaint}`);
  return complaints;
}

test(
  "RUN-4, REL-1, SCH-7, ENR-2, RUN-9, GOAL-2, GOAL-5: through crashes, lost and repeated messages, edits, goals, merges and people, nothing is lost, done twice, stuck, or sent to whom it must not go",
  PATIENT,
  async () => {
    expect(await failing(seeds(160), (seed) => new House({ seed }).play())).toEqual([]);
  },
);

test("RUN-4: what becomes of runs does not depend on the order of deliveries", PATIENT, async () => {
  const complaints = await failing(seeds(50), async (seed) => {
    const calm = new House({ seed, people: false, faults: NO_FAULTS });
    const rough = new House({
      seed,
      people: false,
      networkSeed: seed + 1_000_000,
      faults: { lost: 0.1, gone: 0.05, repeated: 0.3, stopped: 0.02, failed: 0 },
    });
    const found = [...(await calm.play()), ...(await rough.play())];
    if (JSON.stringify(calm.result()) !== JSON.stringify(rough.result()))
      found.push(`calm ${JSON.stringify(calm.result())} rough ${JSON.stringify(rough.result())}`);
    return found;
  });
  expect(complaints).toEqual([]);
});
