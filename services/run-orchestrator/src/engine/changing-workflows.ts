import { type Logger, messageOf } from "@cadenza/platform";
import type { Collection } from "@cadenza/storage";
import type { Retime } from "./retimes.ts";

/** The workflows whose newest change has not been shown to all their runs yet, as this replica knows: looked up each second. */
export class ChangingWorkflows {
  readonly #retimes: Collection<Retime>;
  readonly #log: Pick<Logger, "debug">;
  #changedAt: ReadonlyMap<string, Date> = new Map();
  #looks = 0;
  #newestLook = 0;

  constructor(retimes: Collection<Retime>, log: Pick<Logger, "debug">) {
    this.#retimes = retimes;
    this.#log = log;
  }

  has(workflowId: string): boolean {
    return this.#changedAt.has(workflowId);
  }

  /** When the newest change was made; undefined where it has been shown to all runs. */
  changedAt(workflowId: string): Date | undefined {
    return this.#changedAt.get(workflowId);
  }

  /** Of looks that overlap the one begun last counts. One that fails leaves what is known. */
  async look(): Promise<void> {
    const look = ++this.#looks;
    try {
      const found = await this.#retimes.find({}, { projection: { at: 1 } }).toArray();
      if (look < this.#newestLook) return;
      this.#newestLook = look;
      this.#changedAt = new Map(found.map(({ _id, at }) => [_id, at]));
    } catch (error) {
      this.#log.debug({ reason: messageOf(error) }, "Which workflows are being shown to their runs could not be read.");
    }
  }
}
