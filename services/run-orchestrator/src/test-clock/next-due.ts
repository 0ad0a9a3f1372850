import type { SendsService } from "@cadenza/contracts";
import type { Clock } from "@cadenza/platform";
import type { Collection, Database } from "@cadenza/storage";
import type { Run } from "../runs/model.ts";

/** When something happens next by itself: a run's step falls due, or a message. */
export class NextDue {
  readonly #runs: Collection<Run>;
  readonly #sends: Pick<SendsService, "countDue">;
  readonly #clock: Clock;

  constructor(options: { database: Database; sends: Pick<SendsService, "countDue">; clock: Clock }) {
    this.#runs = options.database.system<Run>(
      "runs",
      "The test clock belongs to the whole house, not to an organization.",
    );
    this.#sends = options.sends;
    this.#clock = options.clock;
  }

  /** Null where nothing is due later. Alarms that only ask again are left out: they are no deed of their own. */
  async at(): Promise<Date | null> {
    const now = this.#clock.now();
    const waiting = {
      wakeAt: { $gt: now },
      status: "ACTIVE" as const,
      "executions.status": { $in: ["PENDING", "HELD"] },
    };
    const [[run], { nextAt }] = await Promise.all([
      this.#runs
        .find<Pick<Run, "wakeAt">>(waiting, { projection: { wakeAt: 1 } })
        .sort({ wakeAt: 1 })
        .limit(1)
        .toArray(),
      this.#sends.countDue({ before: now.toISOString() }),
    ]);
    const message = nextAt && new Date(nextAt) > now ? new Date(nextAt) : null;
    const step = run?.wakeAt ?? null;
    if (!message || !step) return message ?? step;
    return message < step ? message : step;
  }
}
