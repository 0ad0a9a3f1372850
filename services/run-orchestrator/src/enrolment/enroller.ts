import type { Definition, Reason, WorkflowStatus } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../runs/model.ts";
import type { NewRun } from "../runs/new-run.ts";
import type { EnrolmentHistory } from "../runs/run-repository.ts";
import { mayStart } from "./may-start.ts";

/** Someone who is to be enrolled. `id` is the run's, made of what asks for the start: the same start is the same run. */
export type Candidate = Omit<NewRun, "organizationId" | "workflowId" | "ordinal">;
/** `repeated`: this very start has been made before. */
export type StartOutcome = { kind: "started"; run: Run } | { kind: "repeated" } | { kind: "refused"; reason: Reason };

export type EnrollerOptions = { engine: Pick<Engine, "startRuns" | "runs">; clock: Clock };

/** Enrolls contacts in one workflow, a batch in the caller's transaction. */
export class Enroller {
  readonly #options: EnrollerOptions;

  constructor(options: EnrollerOptions) {
    this.#options = options;
  }

  /**
   * In the order of `candidates`. What it decides on is read in the same transaction; a start that comes in between fails
   * the transaction with a duplicate key, and the caller tries it again.
   */
  async start(
    unit: UnitOfWork,
    scope: OrganizationScope,
    workflow: { definition: Definition; status: WorkflowStatus },
    candidates: readonly Candidate[],
  ): Promise<StartOutcome[]> {
    const { engine, clock } = this.#options;
    const { definition, status } = workflow;
    const contactIds = [...new Set(candidates.map(({ contactId }) => contactId))];
    const histories = await engine.runs.histories(scope, definition.workflowId, contactIds, unit.session);
    // Only a contact with earlier runs can have this very one among them.
    const known = candidates.filter(({ contactId }) => histories.has(contactId)).map(({ id }) => id);
    const repeated = known.length > 0 ? await engine.runs.existing(scope, known, unit.session) : new Set<string>();
    const now = clock.now();
    const starts: NewRun[] = [];
    const judged = candidates.map((candidate): Exclude<StartOutcome, { kind: "started" }> | { kind: "starts" } => {
      if (repeated.has(candidate.id)) return { kind: "repeated" };
      const history = histories.get(candidate.contactId);
      const reason = mayStart({ workflowStatus: status, reentry: definition.reentry, history, now });
      if (reason) return { kind: "refused", reason };
      const ordinal = (history?.lastOrdinal ?? 0) + 1;
      starts.push({ ...candidate, organizationId: scope.organizationId, workflowId: definition.workflowId, ordinal });
      histories.set(candidate.contactId, startedJustNow(candidate.id, ordinal, now));
      repeated.add(candidate.id);
      return { kind: "starts" };
    });
    const runs = starts.length > 0 ? (await engine.startRuns(unit, starts, definition)).values() : [].values();
    return judged.map((outcome) =>
      outcome.kind === "starts" ? { kind: "started", run: runs.next().value! } : outcome,
    );
  }
}

function startedJustNow(runId: string, ordinal: number, now: Date): EnrolmentHistory {
  return { openRunId: runId, lastOrdinal: ordinal, lastStartedAt: now };
}
