import { setTimeout as wait } from "node:timers/promises";
import type { CrmReader, Definition } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { messageOf, realClock } from "@cadenza/platform";
import { isDatabaseOutage, organizationScope } from "@cadenza/storage";
import type { DefinitionSource } from "../engine/definitions.ts";
import { commitAgain } from "../enrolment/commit-again.ts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import { compileTrigger } from "../triggers/compiled-trigger.ts";
import type { Match } from "../triggers/match.ts";
import type { TriggerMatcher } from "../triggers/trigger-matcher.ts";
import type { TriggerStarter } from "../triggers/trigger-starter.ts";
import { stalledEvent, type StalledOpportunity } from "./stalled-event.ts";
import { type StalledSweep, stalledDaysOf } from "./stalled-sweep.ts";
import { StaleSweepError, type StalledSweepStore } from "./stalled-sweep-store.ts";
import { readSweepPage, type SweepPage } from "./sweep-page.ts";

export type StalledSweeperOptions = {
  committer: Committer;
  sweeps: StalledSweepStore;
  definitions: DefinitionSource;
  crm: Pick<CrmReader, "findStalled">;
  matcher: TriggerMatcher;
  starter: TriggerStarter;
  shards: { owned(): ReadonlySet<number> };
};

/** Sweeps of one look. */
const LANES = 8;
/** An alarm that nobody told this replica of is found at the latest this much later. */
const LOOK_EVERY_MS = 1000;
const FIRST_BACKOFF_MS = 250;
/** After so many failures a page is gone through one by one, so that one opportunity does not hold up the others (REL-6). */
const MAX_FAILURES = 3;

/**
 * Starts runs for opportunities that have had no change for as long as a workflow says (CRM-5). A page of them and the
 * place that the sweep has reached are one transaction: nothing is lost or done twice by a crash.
 */
export class StalledSweeper {
  readonly #options: StalledSweeperOptions;
  /** Failures in a row, and until when (real milliseconds) the sweep is left alone. */
  readonly #failures = new Map<string, { count: number; untilMs: number }>();
  #sleep = new AbortController();
  #isStopped = false;
  #isWoken = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: StalledSweeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Look now. */
  wake(): void {
    this.#isWoken = true;
    this.#sleep.abort();
  }

  /** Begins nothing more and waits for what is in hand. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false;
      const pauseMs = await this.#look().catch((error: unknown) => {
        this.#log.warn({ reason: messageOf(error) }, "Stalled opportunities could not be looked for; trying again.");
        return LOOK_EVERY_MS;
      });
      await this.#pause(pauseMs);
    }
  }

  /** @returns after how many milliseconds to look again. */
  async #look(): Promise<number> {
    const { sweeps, shards, committer } = this.#options;
    const owned = shards.owned();
    if (owned.size === 0) return LOOK_EVERY_MS;
    const soonest = await sweeps.soonest(owned, LANES + this.#failures.size);
    // What another replica has done, or nobody wants any more, fails no longer.
    for (const id of this.#failures.keys()) if (!soonest.some(({ _id }) => _id === id)) this.#failures.delete(id);
    const [now, realMs] = [committer.clock.now(), realClock.now().getTime()];
    const due = soonest.filter(({ _id, wakeAt }) => wakeAt <= now && (this.#failures.get(_id)?.untilMs ?? 0) <= realMs);
    await Promise.all(due.slice(0, LANES).map((sweep) => this.#sweepSafely(sweep)));
    if (due.length > 0) return 0;
    if (this.#failures.size > 0) return FIRST_BACKOFF_MS;
    const untilMs = soonest[0] ? soonest[0].wakeAt.getTime() - now.getTime() : LOOK_EVERY_MS;
    return Math.max(0, Math.min(LOOK_EVERY_MS, untilMs));
  }

  async #sweepSafely(sweep: StalledSweep): Promise<void> {
    try {
      await this.#sweep(sweep);
      this.#failures.delete(sweep._id);
    } catch (error) {
      if (error instanceof StaleSweepError) return;
      // What is away comes back; that is no failure of this page.
      const count = (this.#failures.get(sweep._id)?.count ?? 0) + (isDatabaseOutage(error) ? 0 : 1);
      this.#failures.set(sweep._id, { count, untilMs: realClock.now().getTime() + FIRST_BACKOFF_MS * 2 ** count });
      this.#log.warn({ workflowId: sweep._id, err: error, failures: count }, "A sweep failed; it is tried again.");
    }
  }

  async #sweep(sweep: StalledSweep): Promise<void> {
    const { definitions, crm, committer, sweeps } = this.#options;
    const { _id: workflowId, organizationId } = sweep;
    const current = (await definitions.current([{ organizationId, workflowId }])).get(workflowId);
    const stalledDays = stalledDaysOf(current);
    if (!current || stalledDays === null)
      return committer.commit((unit) => sweeps.move(sweep, { isActive: false }, unit.session));
    const page = await readSweepPage(crm, sweep, stalledDays, committer.clock.now());
    const isStuck = (this.#failures.get(workflowId)?.count ?? 0) >= MAX_FAILURES;
    if (isStuck) await this.#startOneByOne(sweep, current.definition, page);
    await this.#start(sweep, current.definition, isStuck ? [] : page.opportunities, (unit) =>
      sweeps.move(sweep, page.next, unit.session),
    );
  }

  async #start(
    { organizationId }: StalledSweep,
    definition: Definition,
    opportunities: readonly StalledOpportunity[],
    first: (unit: UnitOfWork) => Promise<void>,
  ): Promise<void> {
    const { matcher, starter, committer } = this.#options;
    const asked = await matcher.askedBy(organizationId, matchesOf(definition, opportunities));
    await commitAgain(committer, async (unit) => {
      await first(unit);
      await starter.start(unit, organizationScope(organizationId), asked);
    });
  }

  /** What fails even so stands among the refusals. */
  async #startOneByOne(sweep: StalledSweep, definition: Definition, { opportunities }: SweepPage): Promise<void> {
    const { starter, committer } = this.#options;
    const scope = organizationScope(sweep.organizationId);
    for (const opportunity of opportunities) {
      try {
        await this.#start(sweep, definition, [opportunity], () => Promise.resolve());
      } catch (error) {
        if (isDatabaseOutage(error)) throw error;
        this.#log.error(
          { workflowId: sweep._id, opportunityId: opportunity.id, err: error },
          "A start failed for good.",
        );
        const [match] = matchesOf(definition, [opportunity]);
        if (match) await committer.commit((unit) => starter.refuse(unit, scope, match, START_REFUSALS.failed));
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopped || this.#isWoken || ms <= 0) return;
    this.#sleep = new AbortController();
    await wait(ms, undefined, { signal: this.#sleep.signal }).catch(() => undefined);
  }

  get #log() {
    return this.#options.committer.log;
  }
}

function matchesOf(definition: Definition, opportunities: readonly StalledOpportunity[]): Match[] {
  const trigger = compileTrigger(definition);
  const stalledDays = definition.trigger?.stalledDays;
  if (!trigger || !stalledDays) return [];
  return opportunities.map((opportunity) => {
    return { source: stalledEvent(opportunity, stalledDays), event: "OPPORTUNITY_STALLED", trigger };
  });
}
