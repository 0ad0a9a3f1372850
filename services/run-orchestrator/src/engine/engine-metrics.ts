import type { Metrics } from "@cadenza/platform";
import { ENDED_STATUSES } from "../runs/model.ts";
import type { MoveReport } from "./run-mover.ts";

/** How many steps end and how late alarms are answered (OPS-5). */
export class EngineMetrics {
  readonly #steps;
  readonly #lateness;

  constructor(metrics: Metrics) {
    this.#steps = metrics.counter("steps_total", "Step executions that ended, or failed.", ["kind", "status"]);
    this.#lateness = metrics.histogram(
      "timer_lateness_seconds",
      "From when a run was due to the commit that moved it.",
    );
  }

  committed({ changes }: MoveReport, now: Date): void {
    for (const { before, after } of changes) {
      for (const [index, execution] of after.executions.entries()) {
        if (execution === before.executions[index] || execution.status === before.executions[index]?.status) continue;
        if (ENDED_STATUSES.has(execution.status) || execution.status === "ERROR")
          this.#steps.inc({ kind: execution.kind, status: execution.status });
      }
      const waited = before.executions.at(-1);
      const isTimed =
        waited && (waited.status === "PENDING" || waited.status === "HELD") && before.wakeAt && before.wakeAt <= now;
      if (isTimed && before.wakeAt) this.#lateness.observe((now.getTime() - before.wakeAt.getTime()) / 1000);
    }
  }
}
