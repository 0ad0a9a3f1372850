import type { Definition, Reason, WorkflowStatus } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../runs/model.ts";
import type { NewRun } from "../runs/new-run.ts";
import type { EnrolmentHistory } from "../runs/run-repository.ts";
import { whereaboutsOf } from "../subjects/whereabouts.ts";
import { KnownSubjects } from "./known-subjects.ts";
import { mayStart } from "./may-start.ts";
import { replaceRuns, runsOfGroup } from "./replacement.ts";
import { START_REFUSALS } from "./start-refusals.ts";

/** Someone who is to be enrolled. `id` is the run's, made of what asks for the start: the same start is the same run. */
export type Candidate = Omit<NewRun, "organizationId" | "workflowId" | "ordinal">;
/** `repeated`: this very start has been made before. */
export type StartOutcome = { kind: "started"; run: Run } | { kind: "repeated" } | { kind: "refused"; reason: Reason };
type Judged = Exclude<StartOutcome, { kind: "started" }> | { kind: "starts"; start: NewRun; replaces: string | null };

export type EnrollerOptions = { engine: Pick<Engine, "startRuns" | "runs" | "moveIn" | "subjects">; clock: Clock };
export type StartingWorkflow = { definition: Definition; status: WorkflowStatus };

/** Enrolls contacts in one workflow, a batch in the caller's transaction. */
export class Enroller {
  readonly #options: EnrollerOptions;
  readonly #known: KnownSubjects;

  constructor(options: EnrollerOptions) {
    this.#options = options;
    this.#known = new KnownSubjects(options.engine.subjects);
  }

  /**
   * In the order of `candidates`. What it decides on is read in the same transaction; a start that comes in between fails
   * the transaction with a duplicate key, and the caller tries it again.
   * @param options `isAgain` (default false): the same starts may have been made before, by one who could not note it.
   */
  async start(
    unit: UnitOfWork,
    scope: OrganizationScope,
    workflow: StartingWorkflow,
    candidates: readonly Candidate[],
    { isAgain = false }: { isAgain?: boolean } = {},
  ): Promise<StartOutcome[]> {
    const { definition } = workflow;
    const judged = await this.#judge(unit, scope, workflow, candidates, isAgain);
    const replacing = judged.flatMap((one) => (one.kind === "starts" && one.replaces !== null ? [one] : []));
    const kept = await replaceRuns(this.#options.engine, unit, scope, definition, replacing);
    const final = judged.map((one): Judged => {
      const isInTheWay = one.kind === "starts" && one.replaces !== null && kept.has(one.replaces);
      return isInTheWay ? { kind: "refused", reason: exclusivityOf(definition) } : one;
    });
    const starts = final.flatMap((one) => (one.kind === "starts" ? [one.start] : []));
    const runs = (starts.length > 0 ? await this.#options.engine.startRuns(unit, starts, definition) : []).values();
    return final.map((one) => (one.kind === "starts" ? { kind: "started", run: runs.next().value! } : one));
  }

  async #judge(
    { session }: UnitOfWork,
    scope: OrganizationScope,
    { definition, status }: StartingWorkflow,
    candidates: readonly Candidate[],
    isAgain: boolean,
  ): Promise<Judged[]> {
    const { engine, clock } = this.#options;
    const { workflowId, reentry, exclusivity: rule } = definition;
    const { organizationId } = scope;
    const contactIds = [...new Set(candidates.map(({ contactId }) => contactId))];
    const leadIds = [...new Set(candidates.map(({ leadId }) => leadId))];
    const known = await this.#known.of(scope, [...contactIds, ...leadIds], session);
    const histories = await engine.runs.histories(scope, workflowId, contactIds, session);
    const taken = rule
      ? await runsOfGroup(engine.runs, { organizationId, group: rule.group, contactIds }, session)
      : new Map<string, string>();
    // Unless its contact became another one, only a contact with earlier runs can have this very one among them.
    const possible = isAgain ? candidates : candidates.filter(({ contactId }) => histories.has(contactId));
    const ids = possible.map(({ id }) => id);
    const made = ids.length > 0 ? await engine.runs.existing(scope, ids, session) : new Set<string>();
    const now = clock.now();
    return candidates.map((candidate): Judged => {
      const { id, contactId, leadId } = candidate;
      if (made.has(id)) return { kind: "repeated" };
      const where = whereaboutsOf({ id: contactId, leadId }, known);
      // Nobody else is addressed in the place of a contact that is gone.
      if (where.kind === "gone" || where.place.id !== contactId)
        return { kind: "refused", reason: START_REFUSALS.subjectGone };
      const history = histories.get(contactId);
      const replaces = taken.get(contactId) ?? null;
      const exclusivity = rule && { rule, isTaken: replaces !== null };
      const reason = mayStart({ workflowStatus: status, reentry, history, exclusivity, now });
      if (reason) return { kind: "refused", reason };
      const ordinal = (history?.lastOrdinal ?? 0) + 1;
      histories.set(contactId, startedJustNow(id, ordinal, now));
      made.add(id);
      const start = { ...candidate, leadId: where.place.leadId, organizationId, workflowId, ordinal };
      return { kind: "starts", start, replaces };
    });
  }
}

function startedJustNow(runId: string, ordinal: number, now: Date): EnrolmentHistory {
  return { openRunId: runId, lastOrdinal: ordinal, lastStartedAt: now };
}

function exclusivityOf({ exclusivity }: Definition): Reason {
  return START_REFUSALS.exclusivity(exclusivity!.group);
}
