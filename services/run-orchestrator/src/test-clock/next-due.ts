import type { CrmReader, SendsService } from "@cadenza/contracts";
import type { Collection, Database } from "@cadenza/storage";
import type { Run } from "../runs/model.ts";
import { nextStall } from "../stalled/next-stall.ts";
import type { StalledSweepStore } from "../stalled/stalled-sweep-store.ts";

export type NextDueOptions = {
  database: Database;
  sends: Pick<SendsService, "countDue">;
  crm: Pick<CrmReader, "findStalled">;
  sweeps: StalledSweepStore;
};

/** When something happens next by itself: a run's step falls due, a message does, or an opportunity stalls. */
export class NextDue {
  readonly #runs: Collection<Run>;
  readonly #options: NextDueOptions;

  constructor(options: NextDueOptions) {
    this.#runs = options.database.system<Run>(
      "runs",
      "The test clock belongs to the whole house, not to an organization.",
    );
    this.#options = options;
  }

  /** Null where nothing is due after that instant. Alarms that only ask again are left out: they are no deed of their own. */
  async after(instant: Date): Promise<Date | null> {
    const { sends, crm, sweeps } = this.#options;
    const waiting = {
      wakeAt: { $gt: instant },
      status: "ACTIVE" as const,
      "executions.status": { $in: ["PENDING", "HELD"] },
    };
    const [[run], { nextAt }, stall] = await Promise.all([
      this.#runs
        .find<Pick<Run, "wakeAt">>(waiting, { projection: { wakeAt: 1 } })
        .sort({ wakeAt: 1 })
        .limit(1)
        .toArray(),
      sends.countDue({ before: instant.toISOString() }),
      nextStall(sweeps, crm, instant),
    ]);
    const message = nextAt && new Date(nextAt) > instant ? new Date(nextAt) : null;
    const instants = [run?.wakeAt ?? null, message, stall].filter((at) => at !== null);
    return instants.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
  }
}
