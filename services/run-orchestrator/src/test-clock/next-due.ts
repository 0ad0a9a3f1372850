import type { CrmReader, SendsService } from "@cadenza/contracts";
import type { RunPlaces } from "../runs/run-places.ts";
import { nextStall } from "../stalled/next-stall.ts";
import type { StalledSweepStore } from "../stalled/stalled-sweep-store.ts";

export type NextDueOptions = {
  places: Pick<RunPlaces, "nextStepAt">;
  sends: Pick<SendsService, "countDue">;
  crm: Pick<CrmReader, "findStalled">;
  sweeps: StalledSweepStore;
};

/** When something happens next by itself: a run's step falls due, a message does, or an opportunity stalls. */
export class NextDue {
  readonly #options: NextDueOptions;

  constructor(options: NextDueOptions) {
    this.#options = options;
  }

  /** Null where nothing is due after that instant. Alarms that only ask again are left out: they are no deed of their own. */
  async after(instant: Date): Promise<Date | null> {
    const { places, sends, crm, sweeps } = this.#options;
    const [step, { nextAt }, stall] = await Promise.all([
      places.nextStepAt(instant),
      sends.countDue({ before: instant.toISOString() }),
      nextStall(sweeps, crm, instant),
    ]);
    const message = nextAt && new Date(nextAt) > instant ? new Date(nextAt) : null;
    const instants = [step, message, stall].filter((at) => at !== null);
    return instants.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
  }
}
