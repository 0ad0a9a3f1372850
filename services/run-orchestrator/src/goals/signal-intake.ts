import type { UnitOfWork } from "@cadenza/messaging";
import type { OrganizationScope } from "@cadenza/storage";
import type { DefinitionSource } from "../engine/definitions.ts";
import type { Engine } from "../engine/engine.ts";
import { isGoalOf } from "../runs/goals.ts";
import { type HeardSignal, pageOf } from "./page-of.ts";
import { presentSignals } from "./present-signals.ts";
import { SignalledRuns } from "./signalled-runs.ts";
import type { RunSignal } from "./signals-of.ts";

/** Runs moved in one transaction. */
const MAX_RUNS = 200;
/** Runs looked at in one transaction: of these most may turn out not to be concerned. */
const MAX_CANDIDATES = 2000;

export type SignalIntakeOptions = { engine: Engine; definitions: DefinitionSource };

/** Takes what happens to the open runs that it concerns (GOAL-1, GOAL-2). */
export class SignalIntake {
  readonly #options: SignalIntakeOptions;
  readonly #runs: SignalledRuns;

  constructor(options: SignalIntakeOptions) {
    this.#options = options;
    this.#runs = new SignalledRuns(options.engine.runs.tenant);
  }

  /**
   * Signals of one organization, in the transaction that consumes them. Where they concern more runs than a transaction
   * holds, the rest is told in the same transaction, so that each run hears it once.
   */
  async take(unit: UnitOfWork, scope: OrganizationScope, signals: readonly RunSignal[]): Promise<void> {
    const heard = await this.#heard(unit, scope, await this.#present(unit, scope, signals));
    if (heard.length === 0) return;
    const asked = {
      signals: heard.map(({ signal }) => signal),
      workflowIds: [...new Set(heard.flatMap(({ workflowIds }) => [...workflowIds]))],
    };
    const candidates = await this.#runs.candidates(scope, asked, MAX_CANDIDATES, unit.session);
    const isWhole = candidates.length < MAX_CANDIDATES;
    const { moves, lastRunId } = pageOf(heard, candidates, { maxRuns: MAX_RUNS, isWhole });
    if (moves.length > 0) await this.#options.engine.moveIn(unit, scope, moves);
    if (lastRunId === null) return;
    const rest = asked.signals.map((signal) => ({ ...signal, afterRunId: laterOf(signal.afterRunId, lastRunId) }));
    unit.tell({ kind: "signalRuns", organizationId: scope.organizationId, items: rest });
  }

  async #present(unit: UnitOfWork, scope: OrganizationScope, signals: readonly RunSignal[]): Promise<RunSignal[]> {
    const ids = signals.flatMap(({ about }) => [about.contactId, about.leadId]).filter((id) => id !== null);
    const known = await this.#options.engine.subjects.follow(scope, ids, unit.session);
    return presentSignals(signals, known);
  }

  /** Most of what happens no open run waits for: its workflows are asked before its runs are read. */
  async #heard(unit: UnitOfWork, scope: OrganizationScope, signals: readonly RunSignal[]): Promise<HeardSignal[]> {
    if (signals.length === 0) return [];
    const { organizationId } = scope;
    const workflowIds = await this.#runs.workflowIds(scope, signals, unit.session);
    const current = await this.#options.definitions.current(
      workflowIds.map((workflowId) => ({ organizationId, workflowId })),
    );
    const hears = ({ goal }: RunSignal, workflowId: string): boolean => {
      const workflow = current.get(workflowId);
      return workflow !== undefined && (goal === null || isGoalOf(workflow.definition.goals, goal));
    };
    return signals
      .map((signal) => ({ signal, workflowIds: new Set(workflowIds.filter((id) => hears(signal, id))) }))
      .filter((each) => each.workflowIds.size > 0)
      .toSorted((a, b) => a.signal.at.getTime() - b.signal.at.getTime());
  }
}

function laterOf(own: string | null, last: string): string {
  return own !== null && own > last ? own : last;
}
