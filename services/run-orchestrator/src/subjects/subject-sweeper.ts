import type { Committer, CoreSubscription } from "@cadenza/messaging";
import { messageOf, realClock } from "@cadenza/platform";
import { isDatabaseOutage, organizationScope } from "@cadenza/storage";
import { commitAgain } from "../enrolment/commit-again.ts";
import type { SubjectSettler } from "./subject-settler.ts";
import type { SubjectStore } from "./subject-store.ts";

/** Says that something was heard of a subject. */
export const SUBJECT_WAKE_SUBJECT = "wake.run-orchestrator-subjects";
/** What nobody told this replica of, and what a dead one left, is found by this look. */
const LOOK_EVERY_MS = 1000;
/** Subjects of one transaction. */
const BATCH_SIZE = 50;
/** One that cannot be seen to is tried again, so that it does not hold up the others (REL-6). */
const AGAIN_AFTER_MS = 60_000;

export type SubjectSweeperOptions = {
  committer: Committer;
  subjects: SubjectStore;
  settler: SubjectSettler;
  shards: { owned(): ReadonlySet<number> };
};

type Batch = { organizationId: string; ids: string[] };

/** Sees to the runs of subjects of which something was heard, page by page, until all of them show it; survives a crash. */
export class SubjectSweeper {
  readonly #options: SubjectSweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #subscription: CoreSubscription | undefined;
  #sweeping: Promise<void> | undefined;
  #sweepAgain = false;
  #isStopped = false;

  constructor(options: SubjectSweeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#subscription = this.#options.committer.bus.subscribeCore(SUBJECT_WAKE_SUBJECT, () => this.#sweep());
    this.#timer = setInterval(() => this.#sweep(), LOOK_EVERY_MS);
    this.#sweep();
  }

  /** Begins no further page and waits for the one in hand. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#subscription?.stop();
    await this.#sweeping;
  }

  #sweep(): void {
    if (this.#sweeping || this.#isStopped) {
      this.#sweepAgain = true;
      return;
    }
    this.#sweepAgain = false;
    this.#sweeping = this.#work()
      .catch((error: unknown) => {
        this.#log.warn({ reason: messageOf(error) }, "Runs of merged or deleted subjects wait for what is away.");
      })
      .then(() => {
        this.#sweeping = undefined;
        if (this.#sweepAgain) this.#sweep();
      });
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      const owned = [...this.#options.shards.owned()];
      if (owned.length === 0) return;
      const due = await this.#options.subjects.due(owned, realClock.now(), BATCH_SIZE);
      if (due.length === 0) return;
      for (const [organizationId, own] of Map.groupBy(due, (subject) => subject.organizationId))
        await this.#settle({ organizationId, ids: own.map(({ _id }) => _id) });
    }
  }

  async #settle(batch: Batch): Promise<void> {
    const { committer, settler, subjects } = this.#options;
    const scope = organizationScope(batch.organizationId);
    try {
      await commitAgain(committer, (unit) => settler.settle(unit, scope, batch.ids));
    } catch (error) {
      if (isDatabaseOutage(error)) throw error;
      if (batch.ids.length > 1) {
        for (const id of batch.ids) await this.#settle({ ...batch, ids: [id] });
        return;
      }
      this.#log.error({ ...batch, err: error }, "The runs of a subject could not be seen to; they are tried again.");
      await subjects.setDue(scope, batch.ids, new Date(realClock.now().getTime() + AGAIN_AFTER_MS));
    }
  }

  get #log() {
    return this.#options.committer.log;
  }
}
