import type { Definition, Reason, StepKind, StepResult } from "@cadenza/contracts";
import { type Decision, decide, type Input, type RunCommand, type ZoneFacts } from "../runs/decide.ts";
import { shownStatus } from "../runs/held-back.ts";
import { currentExecution, type ExecutionStatus, type Run } from "../runs/model.ts";

/** What would become of a command, and what a person would want to see of it. */
export type Answer = {
  outcome: Extract<StepResult["outcome"], "DONE" | "SKIPPED" | "ERROR">;
  /** Of a step that is DONE: what was assumed. */
  reason: Reason | null;
  email?: { senderId: string | null; subject: string | null; body: string | null };
};
export type DryStep = {
  stepId: string;
  kind: StepKind;
  dueAt: Date;
  processedAt: Date | null;
  /** What held it back until it was processed, or still does. */
  held: Reason | null;
  outcome: ExecutionStatus;
  reason: Reason | null;
  senderId: string | null;
  subject: string | null;
  body: string | null;
};
export type Walk = { steps: DryStep[]; endsAt: Date | null; problems: (Reason & { stepId: string | null })[] };

export type WalkOptions = {
  /** Not yet started; only ever in memory. */
  run: Run;
  definition: Definition;
  contact: ZoneFacts;
  answer: (command: RunCommand, at: Date) => Promise<Answer>;
  /** Decisions at most (default 2,000). */
  maxDecisions?: number;
};

const TOO_LONG: Reason = { code: "DRY_RUN_TOO_LONG", message: "The dry run was broken off: it takes too many turns." };

/** Walks a run through the same decisions that a real one takes, from alarm to alarm, with answers at once. */
export async function walk({ run, definition, contact, answer, maxDecisions = 2000 }: WalkOptions): Promise<Walk> {
  const walker = new Walker(run, definition, contact);
  const tooLong = [];
  let commands = walker.apply({ kind: "start" });
  while (walker.run.open) {
    if (walker.decisions >= maxDecisions) {
      tooLong.push({ ...TOO_LONG, stepId: walker.run.currentStepId });
      break;
    }
    const [command] = commands;
    if (command) commands = walker.told(command, await answer(command, walker.now));
    else if (walker.standsStill()) break;
    else commands = walker.tickAtAlarm();
  }
  return { steps: walker.steps(), endsAt: walker.run.endedAt, problems: [...walker.problems(), ...tooLong] };
}

class Walker {
  run: Run;
  now: Date;
  decisions = 0;
  readonly #definition: Definition;
  readonly #contact: ZoneFacts;
  readonly #held = new Map<string, Reason>();
  readonly #answers = new Map<string, Answer>();

  constructor(run: Run, definition: Definition, contact: ZoneFacts) {
    this.run = run;
    this.now = run.startedAt;
    this.#definition = definition;
    this.#contact = contact;
  }

  apply(input: Input): RunCommand[] {
    this.decisions++;
    const facts = { workflowStatus: "ACTIVE", contact: this.#contact } as const;
    const decision: Decision = decide(this.run, this.#definition, facts, input, this.now);
    if (decision.kind !== "moved") return [];
    this.run = decision.run;
    const current = currentExecution(this.run);
    if (current?.status === "HELD" && current.reason) this.#held.set(current.stepId, current.reason);
    return decision.commands;
  }

  told(
    { item: { key, runId, stepId, attempt } }: RunCommand & { item: { stepId: string } },
    answer: Answer,
  ): RunCommand[] {
    this.#answers.set(stepId, answer);
    const { outcome, reason } = answer;
    const nothing = { messageId: null, taskId: null, changes: null };
    return this.apply({
      kind: "stepResult",
      result: { key, runId, stepId, attempt, outcome, reason, ...nothing, at: this.now },
    });
  }

  tickAtAlarm(): RunCommand[] {
    if (this.run.wakeAt && this.run.wakeAt > this.now) this.now = this.run.wakeAt;
    return this.apply({ kind: "tick" });
  }

  /** Nothing happens by itself any more: it stands at an error, or is held and nobody knows until when. */
  standsStill(): boolean {
    const current = currentExecution(this.run);
    return this.run.status !== "ACTIVE" || !this.run.wakeAt || (current?.status === "HELD" && !current.heldUntil);
  }

  steps(): DryStep[] {
    return this.run.executions.map((execution) => {
      const { stepId, kind, dueAt, startedAt, reason } = execution;
      const answer = this.#answers.get(stepId);
      const { senderId = null, subject = null, body = null } = answer?.email ?? {};
      return {
        stepId,
        kind,
        dueAt,
        processedAt: startedAt,
        held: this.#held.get(stepId) ?? null,
        outcome: shownStatus(execution),
        reason: reason ?? answer?.reason ?? null,
        senderId,
        subject,
        body,
      };
    });
  }

  /** What stops the run for a person, and what keeps it for ever. */
  problems(): Walk["problems"] {
    return this.run.executions.flatMap(({ stepId, status, reason, heldUntil }) =>
      reason && (status === "ERROR" || (status === "HELD" && !heldUntil)) ? [{ ...reason, stepId }] : [],
    );
  }
}
