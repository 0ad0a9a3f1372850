import { DEFAULT_GOALS, type Reason } from "@cadenza/contracts";
import type { Clock } from "@cadenza/platform";
import { type Decision, decide, type Facts, type Input, type Wants } from "../runs/decide.ts";
import type { Run, RunTransition } from "../runs/model.ts";
import type { RunChange, RunRepository } from "../runs/run-repository.ts";
import type { CurrentDefinition, DefinitionSource } from "./definitions.ts";
import { announce, type Unit } from "./announce.ts";

export type Move = { organizationId: string; runId: string; input: Input };
/** What a move came to. `fault`: the rules themselves failed on this run; it was left as it is. */
export type Outcome =
  | { kind: "moved" | "unchanged"; run: Run }
  | { kind: "refused"; reason: Reason }
  | { kind: "missing" }
  | { kind: "fault"; error: unknown };
export type MoveReport = {
  changes: RunChange[];
  outcomes: Map<string, Outcome>;
  wants: Map<string, { run: Run; wants: Wants }>;
};
/** What was looked up for runs that asked for it in an earlier round. */
export type FactsOf = ReadonlyMap<string, Partial<Facts>>;

export type RunMoverOptions = { runs: RunRepository; definitions: DefinitionSource; clock: Clock };

/** A batch of runs, moved in one transaction: one read, one decision each, one write, one list of what to tell. */
export class RunMover {
  readonly #options: RunMoverOptions;

  constructor(options: RunMoverOptions) {
    this.#options = options;
  }

  /** Several inputs for one run are applied in their order. */
  async move(moves: readonly Move[], unit: Unit, factsOf: FactsOf = new Map()): Promise<MoveReport> {
    const { runs, definitions } = this.#options;
    const read = await runs.read(moves, unit.session);
    const found = new Map(read.map((run) => [run._id, run]));
    const [current, rivals] = await Promise.all([definitions.current(read), this.#rivals(moves, found, unit)]);
    const now = this.#options.clock.now();
    const batch = new Batch({ found, current, rivals, factsOf, now });
    for (const move of moves) batch.apply(move);
    const changes = batch.changes();
    await runs.write(changes, unit.session);
    announce(unit, changes, batch.commands, now);
    return { changes, outcomes: batch.outcomes, wants: batch.wants };
  }

  /** Open runs that stand in the way of resuming one that is over (ENR-1). */
  async #rivals(moves: readonly Move[], found: ReadonlyMap<string, Run>, unit: Unit): Promise<Set<string>> {
    const over = moves.flatMap(({ runId, input }) => {
      const run = input.kind === "resume" ? found.get(runId) : undefined;
      return run && !run.open ? [run] : [];
    });
    const blocked = new Set<string>();
    await Promise.all(
      [...Map.groupBy(over, (run) => `${run.organizationId}:${run.workflowId}`).values()].map(async (own) => {
        const { organizationId, workflowId } = own[0]!;
        const open = await this.#options.runs.openRuns(
          organizationId,
          workflowId,
          own.map((run) => run.contactId),
          unit.session,
        );
        for (const run of own) {
          if (open.has(run.contactId)) blocked.add(run._id);
          // Of several ended runs of one contact in one batch, only one may open again.
          else open.set(run.contactId, run._id);
        }
      }),
    );
    return blocked;
  }
}

type BatchOptions = {
  found: Map<string, Run>;
  current: Map<string, CurrentDefinition>;
  rivals: ReadonlySet<string>;
  factsOf: FactsOf;
  now: Date;
};

const ALREADY_ENROLLED: Reason = {
  code: "ALREADY_ENROLLED",
  message: "Another run of this workflow is open for the contact; end it first.",
};

/** The runs of one transaction on their way from what was read to what is written. */
class Batch {
  readonly outcomes = new Map<string, Outcome>();
  readonly wants = new Map<string, { run: Run; wants: Wants }>();
  readonly commands: { organizationId: string; command: Extract<Decision, { kind: "moved" }>["commands"][number] }[] =
    [];
  readonly #options: BatchOptions;
  readonly #moved = new Map<string, { after: Run; droppedTransitions: RunTransition[] }>();

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  apply({ runId, input }: Move): void {
    const run = this.#moved.get(runId)?.after ?? this.#options.found.get(runId);
    if (!run) {
      this.outcomes.set(runId, { kind: "missing" });
      return;
    }
    if (input.kind === "resume" && this.#options.rivals.has(runId)) {
      this.outcomes.set(runId, { kind: "refused", reason: ALREADY_ENROLLED });
      return;
    }
    const decision = this.#decide(run, input);
    if (decision instanceof Fault) {
      this.outcomes.set(runId, { kind: "fault", error: decision.cause });
      return;
    }
    this.#record(run, decision);
  }

  changes(): RunChange[] {
    return [...this.#moved].map(([runId, { after, droppedTransitions }]) => ({
      before: this.#options.found.get(runId)!,
      after,
      droppedTransitions,
    }));
  }

  #decide(run: Run, input: Input): Decision | Fault {
    const current = this.#options.current.get(run.workflowId);
    try {
      if (!current && input.kind !== "giveUp") throw new Error(`There is no definition of workflow ${run.workflowId}.`);
      const { definition, status } = current ?? undefinedWorkflow(run);
      const facts = { workflowStatus: status, ...this.#options.factsOf.get(run._id) };
      return decide(run, definition, facts, input, this.#options.now);
    } catch (cause) {
      // One bad run never fails its batch.
      return new Fault(cause);
    }
  }

  #record(run: Run, decision: Decision): void {
    if (decision.kind === "refused") {
      this.outcomes.set(run._id, decision);
      return;
    }
    const next = decision.kind === "moved" ? decision.run : run;
    if (decision.wants) this.wants.set(run._id, { run: next, wants: decision.wants });
    else this.wants.delete(run._id);
    this.outcomes.set(run._id, { kind: decision.kind, run: next });
    if (decision.kind !== "moved") return;
    const earlier = this.#moved.get(run._id)?.droppedTransitions ?? [];
    this.#moved.set(run._id, { after: next, droppedTransitions: [...earlier, ...decision.droppedTransitions] });
    for (const command of decision.commands) this.commands.push({ organizationId: run.organizationId, command });
  }
}

/** Stands for a definition that cannot be had, where none is looked at. */
function undefinedWorkflow({ organizationId, workflowId }: Run): CurrentDefinition {
  const empty = {
    revision: 1,
    name: "",
    ownerId: "",
    organizationTimeZone: "UTC",
    trigger: null,
    schedule: null,
    goals: DEFAULT_GOALS,
    exclusivity: null,
    places: [],
  };
  const reentry = { mode: "ONCE", minimumDaysSinceLastStart: 0 } as const;
  return {
    definition: { ...empty, organizationId, workflowId, reentry, recipient: "EVENT_CONTACT" },
    status: "ACTIVE",
  };
}

class Fault {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}
