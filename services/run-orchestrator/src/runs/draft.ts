import type { Actor, Definition, Reason, Step } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { Decision, Facts, RunCommand, Wants } from "./decision.ts";
import {
  currentExecution,
  MAX_TRANSITIONS,
  OPEN_STATUSES,
  type Run,
  type RunStatus,
  type RunTransition,
  type StepExecution,
} from "./model.ts";

/**
 * A decision in the making: the next state of one run and what must be told. Only what changes is copied, so that the
 * engine can tell by identity what to write.
 */
export class Draft {
  readonly before: Run;
  readonly run: Run;
  readonly definition: Definition;
  facts: Facts;
  readonly now: Date;
  readonly commands: RunCommand[] = [];
  readonly transitions: RunTransition[] = [];
  wants: Wants | null = null;
  /** When the step before ended, or the edit was made, where that is why the run stands where it does; else `now`. */
  since: Date;

  constructor(before: Run, definition: Definition, facts: Facts, now: Date) {
    this.before = before;
    this.run = { ...before };
    this.definition = definition;
    this.facts = facts;
    this.now = now;
    this.since = now;
  }

  /** An edit was made then; the run follows it from when it had come as far as it has. */
  followsSince(editedAt: Date): void {
    const last = this.run.executions.at(-1);
    const known = [editedAt, last?.pendingSince, last?.startedAt, last?.endedAt].filter((at) => at instanceof Date);
    this.since = new Date(Math.min(this.now.getTime(), Math.max(...known.map((at) => at.getTime()))));
  }

  current(): StepExecution | null {
    return currentExecution(this.run);
  }

  /** Changes the execution the run stands at. */
  updateCurrent(changes: Partial<StepExecution>): void {
    this.updateExecution(this.run.executions.length - 1, changes);
  }

  /** Nothing is copied where nothing differs. */
  updateExecution(index: number, changes: Partial<StepExecution>): void {
    const execution = this.run.executions[index];
    if (!execution || !differs(execution, changes)) return;
    this.run.executions = this.run.executions.with(index, { ...execution, ...changes });
  }

  /** `step` becomes the current one, waiting for its delay. */
  makeCurrent(step: Step, dueAt: Date): void {
    const execution: StepExecution = {
      id: derivedId(this.since, this.run._id, step.id),
      stepId: step.id,
      kind: step.kind,
      name: step.name,
      status: "PENDING",
      reason: null,
      revision: null,
      pendingSince: this.since,
      dueAt,
      heldUntil: null,
      noticeAt: null,
      startedAt: null,
      endedAt: null,
      attempt: 0,
      withdrawing: null,
      messageId: null,
      taskId: null,
      changes: null,
    };
    this.run.executions = [...this.run.executions, execution];
  }

  /** The current step was never begun and gives its place to another. */
  dropCurrent(): void {
    this.run.executions = this.run.executions.slice(0, -1);
  }

  endCurrent(status: "DONE" | "SKIPPED" | "CANCELED", reason: Reason | null, at: Date): void {
    this.updateCurrent({ status, reason, heldUntil: null, noticeAt: null, withdrawing: null, endedAt: at });
    this.since = at;
  }

  setStatus(to: RunStatus, actor: Actor, reason: Reason | null): void {
    const transition: RunTransition = {
      at: this.now,
      from: this.run.transitions.length > 0 ? this.run.status : null,
      to,
      actor,
      reason,
    };
    this.transitions.push(transition);
    this.run.transitions = [...this.run.transitions, transition];
    this.run.status = to;
    this.run.open = OPEN_STATUSES.has(to);
    this.run.reason = to === "ACTIVE" || to === "FINISHED" ? null : reason;
    this.run.endedAt = this.run.open ? null : this.now;
  }

  want(what: Partial<Wants>): void {
    this.wants = { contact: false, claimedRevision: null, ...this.wants, ...what };
  }

  /** What was found out about the contact says nothing about another one. */
  forgetContact(): void {
    this.facts = { ...this.facts, contact: undefined };
  }

  finish(): Decision {
    if (this.wants)
      this.run.wakeAt = this.before.wakeAt && this.before.wakeAt <= this.now ? this.before.wakeAt : this.now;
    if (this.commands.length === 0 && !differs(this.before, this.run)) return { kind: "unchanged", wants: this.wants };
    this.#denormalize();
    const overflow = this.run.transitions.length - MAX_TRANSITIONS;
    const droppedTransitions = overflow > 0 ? this.run.transitions.slice(0, overflow) : [];
    if (overflow > 0) this.run.transitions = this.run.transitions.slice(overflow);
    this.run.version = this.before.version + 1;
    this.run.updatedAt = this.now;
    return {
      kind: "moved",
      wants: this.wants,
      run: this.run,
      commands: this.commands,
      transitions: this.transitions,
      droppedTransitions,
    };
  }

  #denormalize(): void {
    const current = this.current();
    this.run.currentStepId = current?.stepId ?? null;
    const codes = [...new Set([this.run.reason?.code, current?.reason?.code].filter((code) => code !== undefined))];
    const known = this.run.reasonCodes;
    if (codes.length !== known.length || codes.some((code, i) => code !== known[i])) this.run.reasonCodes = codes;
  }
}

/** Whether any of `changes` is not already so. Instants and reasons are compared by value. */
function differs<T extends object>(of: T, changes: Partial<T>): boolean {
  for (const key in changes) if (!same(of[key], changes[key])) return true;
  return false;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (isReason(a) && isReason(b)) return a.code === b.code && a.message === b.message;
  return false;
}

function isReason(value: unknown): value is Reason {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
