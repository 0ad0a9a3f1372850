import type { Definition, Schedule, Step } from "@cadenza/contracts";
import { WEEKDAYS } from "@cadenza/contracts";
import { definition, email, idOf, NO_GOALS, officeHours, task, updateLead } from "../definition-builder.ts";
import type { Input } from "../decide.ts";
import { ADA, RunWalk } from "../run-walk.ts";
import { shownStatus } from "../held-back.ts";
import type { Kind, Outcome, Plan, PlannedStep } from "./plan.ts";
import { ReferenceRun } from "./reference-run.ts";

/** What may happen, as data, so that a failing story shrinks and replays. Numbers are taken modulo what there is. */
export type Happening =
  | { kind: "wait"; minutes: number }
  | { kind: "alarm" | "pause" | "resume" | "cancel" | "retry" | "skip" | "archive" | "activate" | "tick" }
  | { kind: "answer"; effect: number; outcome: Outcome; why: number; ago: number; holds: number | null }
  | { kind: "again"; back: number }
  | { kind: "add"; at: number; step: NewStep }
  | { kind: "remove"; at: number }
  | { kind: "move"; at: number; to: number }
  | { kind: "delay"; at: number; minutes: number }
  | { kind: "restore"; revision: number }
  | { kind: "settings"; office: boolean; replyEnds: boolean; mayMark: boolean }
  | { kind: "reply"; ago: number }
  | { kind: "mark" | "unmark"; call: number }
  | { kind: "away"; days: number }
  | { kind: "merge" | "change"; contact: number };
export type NewStep = { kind: Kind; minutes: number; anyTime: boolean };

const MINUTE_MS = 60_000;
/** Monday 2026-01-05, 09:00 UTC. */
const START = Date.parse("2026-01-05T09:00:00.000Z") / MINUTE_MS;
const dateOf = (minute: number): Date => new Date(minute * MINUTE_MS);
const DAILY: Schedule = officeHours({
  timeZone: "UTC",
  ranges: WEEKDAYS.map((weekday) => ({ weekday, start: "09:00", end: "17:00" })),
});
const WHY = ["SENDER_UNRESOLVED", "UNKNOWN_OUTCOME", "NO_EMAIL_ADDRESS"] as const;
const CONTACTS = ["first", "second", "third"].map(idOf);

/** One run, as `decide` moves it and as the rules say, with the same happening to both. */
export class Story {
  readonly walk: RunWalk;
  readonly reference: ReferenceRun;
  readonly #revisions: Plan[];
  readonly #told: Extract<Input, { kind: "stepResult" }>[] = [];
  #now = START;
  #steps = 0;

  constructor(steps: readonly NewStep[]) {
    const plan: Plan = { steps: steps.map((step) => this.#plan(step)), office: false, replyEnds: true, mayMark: true };
    this.#revisions = [plan];
    this.walk = new RunWalk(this.#definition(plan, 1), dateOf(START));
    this.walk.run = { ...this.walk.run, contactId: CONTACTS[0]! };
    this.reference = new ReferenceRun(plan, START);
    this.reference.contact = CONTACTS[0]!;
  }

  play(happening: Happening): void {
    const input = this.#happen(happening);
    if (input) this.walk.apply(input);
  }

  #happen(happening: Happening): Input | null {
    const { reference, walk } = this;
    switch (happening.kind) {
      case "wait":
        return this.#passTo(this.#now + happening.minutes);
      case "alarm":
        return this.#passTo(Math.max(this.#now, Math.ceil((walk.run.wakeAt?.getTime() ?? 0) / MINUTE_MS)));
      case "tick":
        return this.#passTo(this.#now);
      case "activate":
        reference.archived = false;
        walk.facts = { ...walk.facts, workflowStatus: "ACTIVE" };
        return this.#passTo(this.#now);
      case "archive":
        reference.archive();
        walk.facts = { ...walk.facts, workflowStatus: "ARCHIVED" };
        return { kind: "workflowArchived", actor: ADA };
      case "pause":
      case "resume":
      case "cancel":
      case "retry":
        reference[happening.kind]();
        return { kind: happening.kind, actor: ADA };
      case "skip":
        reference.skip();
        return { kind: "skipStep", actor: ADA, stepId: null };
      case "reply": {
        const at = this.#now - happening.ago;
        reference.reply(at);
        return { kind: "goalMet", goal: { code: "EMAIL_REPLY", statusId: null, sourceId: "reply", at: dateOf(at) } };
      }
      case "mark":
        reference.mark(`call ${happening.call}`);
        return { kind: "markResponded", actor: ADA, callId: `call ${happening.call}` };
      case "unmark":
        reference.unmark(`call ${happening.call}`);
        return { kind: "resumeFromCall", actor: ADA, callId: `call ${happening.call}` };
      case "away": {
        const day = Math.floor(this.#now / 1440) + happening.days;
        reference.away(day);
        return {
          kind: "autoReply",
          untilDate: dateOf(day * 1440)
            .toISOString()
            .slice(0, 10),
        };
      }
      case "merge":
      case "change":
        return this.#address(happening.kind, CONTACTS[happening.contact % CONTACTS.length]!);
      case "answer":
        return this.#answer(happening);
      case "again":
        return this.#tellAgain(this.#told[this.#told.length - 1 - happening.back]);
      default:
        return this.#edit(happening);
    }
  }

  #passTo(minute: number): Input {
    this.#now = minute;
    this.walk.now = dateOf(minute);
    this.reference.now = minute;
    this.reference.goOn(minute);
    return { kind: "tick" };
  }

  #address(how: "merge" | "change", contactId: string): Input {
    if (how === "change") {
      this.reference.changeTo(contactId);
      return { kind: "changeRecipient", actor: ADA, contactId, ordinal: 1 };
    }
    this.reference.moveTo(contactId);
    return { kind: "subjectMoved", leadId: this.walk.run.leadId, contactId, ordinal: 1 };
  }

  /** Of any effect that was ever asked for: the newest most often. */
  #answer({ effect, outcome, why, ago, holds }: Extract<Happening, { kind: "answer" }>): Input | null {
    const names = [...this.reference.effects].filter((name) => !name.endsWith("withdraw"));
    const name = names[names.length - 1 - (effect % Math.max(1, names.length))];
    if (name === undefined) return null;
    const [stepId, attempt] = name.split(":") as [string, string];
    const code = outcome === "DONE" || (outcome === "WAITING" && holds === null) ? null : WHY[why % WHY.length]!;
    const heldUntil = outcome === "WAITING" && holds !== null ? dateOf(this.#now + holds) : null;
    const at = dateOf(this.#now - ago);
    const reason = code === null ? null : { code, message: code };
    const common = { messageId: null, taskId: null, changes: null, runId: this.walk.run._id, key: name };
    return this.#tellAgain({
      kind: "stepResult",
      result: { ...common, stepId, attempt: Number(attempt), outcome, reason, heldUntil, at },
    });
  }

  #tellAgain(input: Extract<Input, { kind: "stepResult" }> | undefined): Input | null {
    if (!input) return null;
    const { stepId: step, attempt, outcome, reason, heldUntil, at } = input.result;
    const until = heldUntil ? heldUntil.getTime() / MINUTE_MS : null;
    this.reference.told({ step, attempt, outcome, code: reason?.code ?? null, until, at: at.getTime() / MINUTE_MS });
    this.#told.push(input);
    return input;
  }

  #edit(edit: Extract<Happening, { kind: "add" | "remove" | "move" | "delay" | "restore" | "settings" }>): Input {
    const plan = this.#edited(this.reference.plan, edit);
    this.#revisions.push(plan);
    this.reference.plan = plan;
    this.reference.goOn(this.#now);
    this.walk.definition = this.#definition(plan, this.#revisions.length);
    return { kind: "definitionChanged" };
  }

  #edited(
    plan: Plan,
    edit: Extract<Happening, { kind: "add" | "remove" | "move" | "delay" | "restore" | "settings" }>,
  ): Plan {
    const steps = [...plan.steps];
    if (edit.kind === "settings")
      return { ...plan, office: edit.office, replyEnds: edit.replyEnds, mayMark: edit.mayMark };
    if (edit.kind === "add")
      return { ...plan, steps: steps.toSpliced(edit.at % (steps.length + 1), 0, this.#plan(edit.step)) };
    if (edit.kind === "restore") return { ...plan, steps: this.#restored(plan, edit.revision) };
    if (steps.length === 0) return plan;
    const at = edit.at % steps.length;
    const step = steps[at]!;
    if (edit.kind === "remove") return { ...plan, steps: steps.with(at, { ...step, removed: true }) };
    if (edit.kind === "delay") return { ...plan, steps: steps.with(at, { ...step, delay: edit.minutes }) };
    const without = steps.toSpliced(at, 1);
    return { ...plan, steps: without.toSpliced(edit.to % (without.length + 1), 0, step) };
  }

  /** The steps of an old revision in its order; what has come since keeps its place as removed. */
  #restored(plan: Plan, revision: number): PlannedStep[] {
    const old = this.#revisions[revision % this.#revisions.length]!.steps;
    const since = plan.steps.filter(({ id }) => !old.some((step) => step.id === id));
    return [...old, ...since.map((step) => ({ ...step, removed: true }))];
  }

  #plan({ kind, minutes, anyTime }: NewStep): PlannedStep {
    return { id: idOf(`step ${this.#steps++}`), removed: false, kind, delay: minutes, anyTime };
  }

  #definition(plan: Plan, revision: number): Definition {
    return definition([], {
      revision,
      organizationTimeZone: "UTC",
      schedule: plan.office ? DAILY : null,
      goals: { ...NO_GOALS, emailReply: plan.replyEnds, markedAsResponded: plan.mayMark },
      places: plan.steps.map((planned) => ({ stepId: planned.id, step: planned.removed ? null : stepOf(planned) })),
    });
  }
}

function stepOf({ id, kind, delay: minutes, anyTime }: PlannedStep): Step {
  const isDays = minutes > 0 && minutes % 1440 === 0;
  const delay = isDays
    ? ({ amount: minutes / 1440, unit: "DAY" } as const)
    : ({ amount: minutes, unit: "MINUTE" } as const);
  if (kind === "EMAIL") return email(id, { id, delay, ignoreSchedule: anyTime });
  return kind === "TASK" ? task(id, { id, delay }) : updateLead(id, { id, delay });
}

const minuteOf = (at: Date | null): number | null => at && at.getTime() / MINUTE_MS;

/** What `decide` made of the run, in the words of the reference. */
export function seenOf({ walk }: Story): object {
  const { run, commands } = walk;
  return {
    status: run.status,
    reason: run.reason?.code ?? null,
    open: run.open,
    alarm: ["PENDING", "HELD"].includes(run.executions.at(-1)?.status ?? "") ? minuteOf(run.wakeAt) : undefined,
    contact: run.contactId,
    respondedAt: minuteOf(run.respondedAt),
    respondedCall: run.respondedCallId,
    awayUntil: run.holdUntilDate && Date.parse(run.holdUntilDate) / MINUTE_MS,
    steps: run.executions.map((execution) => ({
      step: execution.stepId,
      shown: shownStatus(execution),
      code: execution.reason?.code ?? null,
      since: minuteOf(execution.pendingSince),
      due: minuteOf(execution.dueAt),
      until: minuteOf(execution.heldUntil),
      attempt: execution.attempt,
    })),
    effects: [...new Set(commands.map(({ item }) => item.key.slice(run._id.length + 1)))],
    transitions: run.transitions.map(({ from, to, reason }) => `${from ?? ""}-> ${to} ${reason?.code ?? null}`.trim()),
  };
}

export function expectedOf({ reference }: Story): object {
  const { status, reason, contact, respondedAt, respondedCall, awayUntil, entries, effects, transitions } = reference;
  return {
    status,
    reason,
    open: status === "ACTIVE" || status === "PAUSED" || status === "ERROR",
    alarm: alarmOf(reference),
    contact,
    respondedAt,
    respondedCall,
    awayUntil,
    steps: entries.map(({ step, shown, code, since, due, until, attempt }) => ({
      step,
      shown: shown === "WAITING" && code ? "HELD" : shown,
      code,
      since,
      due,
      until,
      attempt,
    })),
    effects: [...effects],
    transitions: transitions.slice(-50).map((transition) => transition.replace(" ->", "->")),
  };
}

/** A step that waits rings when it is due, or let go; in a run that stands still nothing rings. */
function alarmOf({ status, here }: ReferenceRun): number | null | undefined {
  if (here?.shown !== "PENDING" && here?.shown !== "HELD") return undefined;
  if (status !== "ACTIVE") return null;
  return here.shown === "PENDING" ? here.due : here.until;
}
