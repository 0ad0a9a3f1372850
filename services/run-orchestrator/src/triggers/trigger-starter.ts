import type { CrmChange, CrmReader, Reason } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import type { Enroller } from "../enrolment/enroller.ts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import type { Engine } from "../engine/engine.ts";
import type { RefusalStore, StartRefusal } from "../refusals/refusal-store.ts";
import { readSubjects } from "./event-subjects.ts";
import { conditionEvent, type Match, meets, possibleMatches } from "./match.ts";
import { startOf, type WantedStart } from "./start-of.ts";
import type { TriggeredWorkflow, TriggeredWorkflows } from "./triggered-workflows.ts";

export type TriggerStarterOptions = {
  workflows: TriggeredWorkflows;
  crm: Pick<CrmReader, "getSubjects">;
  enroller: Enroller;
  engine: Engine;
  refusals: RefusalStore;
  clock: Clock;
};

type Asked = { match: Match; wanted: WantedStart };

/** Starts what a batch of one organization's changes triggers, in the transaction that consumes them. */
export class TriggerStarter {
  readonly #options: TriggerStarterOptions;

  constructor(options: TriggerStarterOptions) {
    this.#options = options;
  }

  async start(unit: UnitOfWork, scope: OrganizationScope, changes: readonly CrmChange[]): Promise<void> {
    const asked = await this.#asked(scope, changes);
    if (asked.length === 0) return;
    const handled = await this.#options.refusals.existing(
      scope,
      asked.map(({ wanted }) => idOf(wanted)),
      unit.session,
    );
    const refused: StartRefusal[] = [];
    const byWorkflow = Map.groupBy(
      asked.filter(({ wanted }) => !handled.has(idOf(wanted))),
      ({ match }) => match.workflow,
    );
    // One after another: operations of one transaction cannot run side by side.
    for (const [workflow, own] of byWorkflow) refused.push(...(await this.#startWorkflow(unit, scope, workflow, own)));
    await this.#options.refusals.insert(scope, uniqueById(refused), unit.session);
  }

  /** Everything whose conditions hold, in the order of the events. */
  async #asked({ organizationId }: OrganizationScope, changes: readonly CrmChange[]): Promise<Asked[]> {
    const { workflows, crm, clock } = this.#options;
    const now = clock.now();
    const possible = possibleMatches(changes, await workflows.of(organizationId), now);
    const subjects = await readSubjects(crm, organizationId, [...new Set(possible.map(({ change }) => change))]);
    return possible.flatMap((match) => {
      const subject = subjects.get(match.change);
      if (!subject?.lead) return [];
      const { lead, contact, opportunity } = subject;
      const holds = meets(match.workflow, { lead, contact, opportunity, event: conditionEvent(match.change) }, now);
      return holds ? [{ match, wanted: startOf(match, subject) }] : [];
    });
  }

  async #startWorkflow(
    unit: UnitOfWork,
    scope: OrganizationScope,
    workflow: TriggeredWorkflow,
    asked: readonly Asked[],
  ): Promise<StartRefusal[]> {
    const refusals: StartRefusal[] = [];
    const refuse = (match: Match, wanted: WantedStart, reason: Reason): void => {
      refusals.push(this.#refusal(scope, match, wanted, reason));
    };
    const open = await this.#openRuns(unit, scope, workflow, asked);
    const startable = asked.filter(({ match, wanted }) => {
      if (wanted.kind === "noRecipient") refuse(match, wanted, wanted.reason);
      // An open run comes first among the reasons (ENR-6).
      else if (wanted.refusal)
        refuse(match, wanted, open.has(wanted.candidate.contactId) ? START_REFUSALS.alreadyEnrolled : wanted.refusal);
      return wanted.kind === "candidate" && !wanted.refusal;
    });
    const candidates = startable.flatMap(({ wanted }) => (wanted.kind === "candidate" ? [wanted.candidate] : []));
    if (candidates.length === 0) return refusals;
    const outcomes = await this.#options.enroller.start(unit, scope, workflow, candidates);
    for (const [i, outcome] of outcomes.entries()) {
      const { match, wanted } = startable[i]!;
      if (outcome.kind === "refused") refuse(match, wanted, outcome.reason);
    }
    return refusals;
  }

  /** Looked up only where a refusal hangs on it. */
  async #openRuns(
    unit: UnitOfWork,
    scope: OrganizationScope,
    { definition }: TriggeredWorkflow,
    asked: readonly Asked[],
  ): Promise<Map<string, string>> {
    const contactIds = asked.flatMap(({ wanted }) =>
      wanted.kind === "candidate" && wanted.refusal ? [wanted.candidate.contactId] : [],
    );
    return this.#options.engine.runs.openRuns(scope.organizationId, definition.workflowId, contactIds, unit.session);
  }

  #refusal(
    { organizationId }: OrganizationScope,
    { change, event, workflow }: Match,
    wanted: WantedStart,
    reason: Reason,
  ): StartRefusal {
    const at = this.#options.clock.now();
    return {
      _id: idOf(wanted),
      organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      workflowId: workflow.definition.workflowId,
      at,
      leadId: change.leadId,
      contactId: wanted.kind === "candidate" ? wanted.candidate.contactId : null,
      event,
      reason,
    };
  }
}

function idOf(wanted: WantedStart): string {
  return wanted.kind === "candidate" ? wanted.candidate.id : wanted.id;
}

/** The same event twice in one batch is refused once. */
function uniqueById(refusals: readonly StartRefusal[]): StartRefusal[] {
  return [...new Map(refusals.map((refusal) => [refusal._id, refusal])).values()];
}
