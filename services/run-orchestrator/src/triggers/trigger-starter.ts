import type { Reason } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import type { Engine } from "../engine/engine.ts";
import type { Enroller } from "../enrolment/enroller.ts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import type { RefusalStore, StartRefusal } from "../refusals/refusal-store.ts";
import type { CompiledTrigger } from "./compiled-trigger.ts";
import type { Match } from "./match.ts";
import { startId, type WantedStart } from "./start-of.ts";
import type { Asked } from "./trigger-matcher.ts";

export type TriggerStarterOptions = {
  enroller: Enroller;
  engine: Pick<Engine, "runs">;
  refusals: RefusalStore;
  clock: Clock;
};

/** Makes the starts that events ask for, each once (TRG-3), and notes which were refused (TRG-5). */
export class TriggerStarter {
  readonly #options: TriggerStarterOptions;

  constructor(options: TriggerStarterOptions) {
    this.#options = options;
  }

  /** In the transaction that consumes the events. */
  async start(unit: UnitOfWork, scope: OrganizationScope, asked: readonly Asked[]): Promise<void> {
    if (asked.length === 0) return;
    const made = await this.#made(unit, scope, [...new Set(asked.map(({ wanted }) => wanted.id))]);
    const fresh = uniqueById(asked).filter(({ wanted }) => !made.has(wanted.id));
    const refused: StartRefusal[] = [];
    // One after another: operations of one transaction cannot run side by side.
    for (const [trigger, own] of Map.groupBy(fresh, ({ match }) => match.trigger))
      refused.push(...(await this.#startWorkflow(unit, scope, trigger, own)));
    await this.#options.refusals.insert(scope, refused, unit.session);
  }

  /** Notes that a start was refused, unless it has been made or refused before. */
  async refuse(unit: UnitOfWork, scope: OrganizationScope, match: Match, reason: Reason): Promise<void> {
    const wanted: WantedStart = { kind: "nobody", id: startId(match), reason };
    const made = await this.#made(unit, scope, [wanted.id]);
    if (made.size === 0)
      await this.#options.refusals.insert(scope, [this.#refusal(scope, { match, wanted }, reason)], unit.session);
  }

  /** Starts that have been made or refused before, whoever the run's recipient may be by now. */
  async #made(unit: UnitOfWork, scope: OrganizationScope, ids: readonly string[]): Promise<Set<string>> {
    const { refusals, engine } = this.#options;
    const refused = await refusals.existing(scope, ids, unit.session);
    return new Set([...refused, ...(await engine.runs.existing(scope, ids, unit.session))]);
  }

  async #startWorkflow(
    unit: UnitOfWork,
    scope: OrganizationScope,
    { workflow }: CompiledTrigger,
    asked: readonly Asked[],
  ): Promise<StartRefusal[]> {
    const refusals: StartRefusal[] = [];
    const refuse = (one: Asked, reason: Reason): void => {
      refusals.push(this.#refusal(scope, one, reason));
    };
    const open = await this.#openRuns(unit, scope, workflow.definition.workflowId, asked);
    const startable = asked.filter((one) => {
      const { wanted } = one;
      if (wanted.kind === "nobody") refuse(one, wanted.reason);
      // An open run comes first among the reasons (ENR-6).
      else if (wanted.refusal)
        refuse(one, open.has(wanted.candidate.contactId) ? START_REFUSALS.alreadyEnrolled : wanted.refusal);
      return wanted.kind === "candidate" && !wanted.refusal;
    });
    const candidates = startable.flatMap(({ wanted }) => (wanted.kind === "candidate" ? [wanted.candidate] : []));
    if (candidates.length === 0) return refusals;
    const outcomes = await this.#options.enroller.start(unit, scope, workflow, candidates);
    for (const [i, outcome] of outcomes.entries())
      if (outcome.kind === "refused") refuse(startable[i]!, outcome.reason);
    return refusals;
  }

  /** Looked up only where a refusal hangs on it. */
  async #openRuns(
    unit: UnitOfWork,
    { organizationId }: OrganizationScope,
    workflowId: string,
    asked: readonly Asked[],
  ): Promise<Map<string, string>> {
    const contactIds = asked.flatMap(({ wanted }) =>
      wanted.kind === "candidate" && wanted.refusal ? [wanted.candidate.contactId] : [],
    );
    return this.#options.engine.runs.openRuns(organizationId, workflowId, contactIds, unit.session);
  }

  #refusal({ organizationId }: OrganizationScope, { match, wanted }: Asked, reason: Reason): StartRefusal {
    const at = this.#options.clock.now();
    return {
      _id: wanted.id,
      organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      workflowId: match.trigger.workflow.definition.workflowId,
      at,
      leadId: match.source.leadId,
      contactId: wanted.kind === "candidate" ? wanted.candidate.contactId : match.source.contactId,
      event: match.event,
      reason,
    };
  }
}

/** The same event twice in one batch asks once. */
function uniqueById(asked: readonly Asked[]): Asked[] {
  return [...new Map(asked.map((one) => [one.wanted.id, one])).values()];
}
