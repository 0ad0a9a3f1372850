import type { Definition } from "@cadenza/contracts";
import { decide, type RunCommand } from "../runs/decide.ts";
import type { Run } from "../runs/model.ts";
import { type NewRun, unstartedRun } from "../runs/new-run.ts";
import type { RunRepository } from "../runs/run-repository.ts";
import { announce, type Unit } from "./announce.ts";

export type Starts = { runs: RunRepository; starts: readonly NewRun[]; definition: Definition; now: Date };

/** Stores runs with their first decision taken, and tells what it asks for. */
export async function insertStarted(unit: Unit, { runs, starts, definition, now }: Starts): Promise<Run[]> {
  const commands: { organizationId: string; command: RunCommand }[] = [];
  const started = starts.map((start) => {
    const decision = decide(unstartedRun(start, now), definition, { workflowStatus: "ACTIVE" }, { kind: "start" }, now);
    if (decision.kind !== "moved") throw new Error(`Run ${start.id} did not start.`);
    for (const command of decision.commands) commands.push({ organizationId: start.organizationId, command });
    return decision.run;
  });
  await runs.insert(started, unit.session);
  announce(
    unit,
    started.map((after) => ({ after })),
    commands,
    now,
  );
  return started;
}
