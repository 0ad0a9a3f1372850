import { organizationScope } from "@cadenza/storage";
import type { RunStore } from "../runs/store.ts";
import type { Unit } from "./announce.ts";
import type { FactsOf, Move, MoveReport, RunMover } from "./run-mover.ts";

/**
 * Shows runs that their workflow has changed. Whoever is moving one of them at this moment may have looked at the workflow
 * before the change. A run that is written here makes that fail and look again; so what the change leaves as it is, is touched
 * too (EDIT-2 to EDIT-4).
 */
export class WalkMover {
  readonly #mover: Pick<RunMover, "move">;
  readonly #runs: Pick<RunStore, "tenant">;

  constructor(mover: Pick<RunMover, "move">, runs: Pick<RunStore, "tenant">) {
    this.#mover = mover;
    this.#runs = runs;
  }

  async move(moves: readonly Move[], unit: Unit, factsOf: FactsOf = new Map()): Promise<MoveReport> {
    const report = await this.#mover.move(moves, unit, factsOf);
    const unchanged = moves.filter(({ runId }) => report.outcomes.get(runId)?.kind === "unchanged");
    for (const [organizationId, own] of Map.groupBy(unchanged, (move) => move.organizationId)) {
      const ids = own.map(({ runId }) => runId);
      const touch = { $inc: { version: 1 } };
      await this.#runs.tenant.updateMany(organizationScope(organizationId), { _id: { $in: ids } }, touch, unit.session);
    }
    return report;
  }
}
