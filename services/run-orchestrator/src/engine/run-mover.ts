import { DEFAULT_GOALS, type Reason } from "@cadenza/contracts";
import type { Clock } from "@cadenza/platform";
import { organizationScope } from "@cadenza/storage";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import { type Decision, decide, type Facts, type Input, type Wants } from "../runs/decide.ts";
import type { Run, RunTransition } from "../runs/model.ts";
import { REFUSALS } from "../runs/reasons.ts";
import type { Rival, RunChange, RunRepository } from "../runs/run-repository.ts";
import type { SubjectStore } from "../subjects/subject-store.ts";
import type { CurrentDefinition, DefinitionSource } from "./definitions.ts";
import { announce, type Unit } from "./announce.ts";
import { Rivals } from "./rivals.ts";

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

export type RunMoverOptions = {
  runs: RunRepository;
  definitions: DefinitionSource;
  clock: Clock;
  /** Says which leads and contacts are gone; left out, all are there. */
  subjects?: Pick<SubjectStore, "gone">;
};

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
    // Before the look at what is newest: nothing that is done by an older revision then bears a time after the newer one's.
    const now = this.#options.clock.now();
    const [current, rivals] = await Promise.all([definitions.current(read), this.#rivals(moves, found, unit)]);
    const gone = await this.#gone(moves, found, unit);
    const batch = new Batch({ found, current, rivals, gone, factsOf, now });
    for (const move of moves) batch.apply(move);
    const changes = batch.changes();
    await runs.write(changes, unit.session);
    announce(unit, changes, batch.commands, now);
    return { changes, outcomes: batch.outcomes, wants: batch.wants };
  }

  /** Open runs that may stand in the way of resuming what is over (ENR-1, ENR-2). */
  async #rivals(moves: readonly Move[], found: ReadonlyMap<string, Run>, unit: Unit): Promise<Rivals> {
    const over = moves.flatMap(({ runId, input }) => {
      const run = input.kind === "resume" ? found.get(runId) : undefined;
      return run && !run.open ? [run] : [];
    });
    const rivals: Rival[] = [];
    for (const [organizationId, own] of Map.groupBy(over, (run) => run.organizationId)) {
      const query = {
        contactIds: [...new Set(own.map(({ contactId }) => contactId))],
        workflowIds: [...new Set(own.map(({ workflowId }) => workflowId))],
        groups: [...new Set(own.flatMap(({ exclusivityGroup }) => exclusivityGroup ?? []))],
      };
      rivals.push(...(await this.#options.runs.rivals(organizationId, query, unit.session)));
    }
    return new Rivals(rivals);
  }

  /** Contacts that are gone: nothing begins again for them (RUN-9). */
  async #gone(moves: readonly Move[], found: ReadonlyMap<string, Run>, unit: Unit): Promise<ReadonlySet<string>> {
    const { subjects } = this.#options;
    const resumed = moves.flatMap(({ runId, input }) => {
      const run = input.kind === "resume" ? found.get(runId) : undefined;
      return run ? [run] : [];
    });
    const gone = new Set<string>();
    if (!subjects) return gone;
    for (const [organizationId, own] of Map.groupBy(resumed, (run) => run.organizationId)) {
      const ids = own.flatMap(({ contactId, leadId }) => [contactId, leadId]);
      for (const id of await subjects.gone(organizationScope(organizationId), ids, unit.session)) gone.add(id);
    }
    return gone;
  }
}

type BatchOptions = {
  found: Map<string, Run>;
  current: Map<string, CurrentDefinition>;
  rivals: Rivals;
  gone: ReadonlySet<string>;
  factsOf: FactsOf;
  now: Date;
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
    const reason = input.kind === "resume" ? this.#againstResuming(run) : null;
    if (reason) {
      this.outcomes.set(runId, { kind: "refused", reason });
      return;
    }
    const decision = this.#decide(run, input);
    if (decision instanceof Fault) {
      this.outcomes.set(runId, { kind: "fault", error: decision.cause });
      return;
    }
    this.#record(run, decision);
    // Of several ended runs of one contact in one batch, only one may open again.
    if (!run.open && decision.kind === "moved" && decision.run.open) this.#options.rivals.opened(decision.run);
  }

  changes(): RunChange[] {
    return [...this.#moved].map(([runId, { after, droppedTransitions }]) => ({
      before: this.#options.found.get(runId)!,
      after,
      droppedTransitions,
    }));
  }

  #againstResuming(run: Run): Reason | null {
    const { rivals, gone } = this.#options;
    const reason = run.open ? null : rivals.against(run);
    if (reason?.code === START_REFUSALS.alreadyEnrolled.code) return reason;
    if (gone.has(run.contactId) || gone.has(run.leadId)) return REFUSALS.subjectGone;
    // One that was canceled may not be resumed whoever stands beside it.
    return run.status === "CANCELED" ? null : reason;
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
