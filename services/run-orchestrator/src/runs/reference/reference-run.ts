import {
  DAY,
  type Entry,
  firstBehind,
  GOALS,
  isAnythingLeft,
  isOpenAt,
  isOut,
  nextOpening,
  OVER,
  type Plan,
  planned,
  type PlannedStep,
  type Status,
  type Told,
} from "./plan.ts";

/**
 * What the rules say a run does, written down once more and as plainly as possible, to judge `decide` by. Shares no code
 * with it. Times are minutes; the only zone is UTC; the only window is 09:00 to 17:00 of every day.
 */
export class ReferenceRun {
  status: Status = "ACTIVE";
  reason: string | null = null;
  readonly entries: Entry[] = [];
  readonly transitions: string[] = ["-> ACTIVE STARTED"];
  readonly effects = new Set<string>();
  contact = "first";
  respondedAt: number | null = null;
  respondedCall: string | null = null;
  awayUntil: number | null = null;
  archived = false;
  plan: Plan;
  now: number;
  readonly #started: number;
  readonly #byGoal: number[] = [];

  constructor(plan: Plan, now: number) {
    this.plan = plan;
    this.now = now;
    this.#started = now;
    this.goOn(now);
  }

  get here(): Entry | null {
    const last = this.entries.at(-1);
    return last && !["DONE", "SKIPPED", "CANCELED"].includes(last.shown) ? last : null;
  }

  pause(code = "PAUSED_BY_HAND"): void {
    if (this.status === "ACTIVE") this.become("PAUSED", code);
    this.goOn(this.now);
  }

  archive(): void {
    this.archived = true;
    if (this.status === "ACTIVE") this.become("PAUSED", "WORKFLOW_ARCHIVED");
    this.goOn(this.now);
  }

  resume(): void {
    if (this.archived || this.status === "ACTIVE" || this.status === "ERROR" || this.status === "CANCELED") return;
    if (this.status !== "PAUSED" && !isAnythingLeft(this)) return;
    if (this.status === "GOAL_MET") this.#takeUp();
    this.become("ACTIVE", "RESUMED_BY_HAND");
    const here = this.here;
    const step = here && planned(this.plan, here.step);
    if (here && step && !isOut(here) && here.attempt === 0) here.due = Math.max(this.now, here.since + step.delay);
    if (here?.shown === "ERROR") this.become("ERROR", here.code);
    this.goOn(this.now);
  }

  cancel(): void {
    if (OVER.has(this.status)) return;
    this.#takeBack();
    if (this.here) this.#end(this.here, "CANCELED", "RUN_CANCELED");
    this.become("CANCELED", "CANCELED_BY_HAND");
  }

  retry(): void {
    if (this.status !== "ERROR") return;
    this.become("ACTIVE", "RETRIED_BY_HAND");
    if (this.here) this.#again(this.here);
    this.goOn(this.now);
  }

  skip(): void {
    if (OVER.has(this.status) || !this.here) return;
    this.#takeBack();
    this.#end(this.here, "SKIPPED", "SKIPPED_BY_HAND");
    if (this.status === "ERROR") this.become("ACTIVE", "SKIPPED_BY_HAND");
    this.goOn(this.now);
  }

  reply(at: number): void {
    if (OVER.has(this.status) || !this.plan.replyEnds || at < this.#started) return;
    const here = this.here;
    if (here) {
      const unknown = here.shown === "ERROR" && here.code === "UNKNOWN_OUTCOME";
      const untold = isOut(here) || unknown;
      this.#takeBack();
      this.#end(here, "CANCELED", unknown ? "UNKNOWN_OUTCOME" : "EMAIL_REPLY");
      if (untold) here.pulled = "EMAIL_REPLY";
    }
    this.respondedAt ??= Math.min(at, this.now);
    this.#byGoal.push(this.now);
    this.become("GOAL_MET", "EMAIL_REPLY");
  }

  mark(call: string): void {
    const isMarked = this.status === "PAUSED" && this.reason === "MARKED_AS_RESPONDED";
    if (OVER.has(this.status) || !this.plan.mayMark || isMarked) return;
    this.respondedAt ??= this.now;
    this.respondedCall = call;
    const here = this.here;
    if (here && isOut(here) && here.kind === "EMAIL" && !here.pulled) {
      this.#takeBack();
      here.pulled = "MARKED_AS_RESPONDED";
    }
    if (this.status === "ACTIVE") this.become("PAUSED", "MARKED_AS_RESPONDED");
    this.goOn(this.now);
  }

  unmark(call: string): void {
    if (OVER.has(this.status) || this.respondedCall !== call) return;
    const isMarked = this.status === "PAUSED" && this.reason === "MARKED_AS_RESPONDED";
    if (isMarked && this.archived) return;
    this.respondedCall = null;
    this.respondedAt = this.#byGoal.at(-1) ?? null;
    if (isMarked) this.resume();
  }

  away(day: number): void {
    if (OVER.has(this.status) || day * DAY <= this.now) return;
    this.awayUntil = day * DAY;
    this.goOn(this.now);
  }

  changeTo(contact: string): void {
    const here = this.here;
    const isSpeaking = here !== null && isOut(here) && here.kind === "EMAIL";
    if (OVER.has(this.status) || contact === this.contact || isSpeaking) return;
    this.awayUntil = null;
    this.moveTo(contact);
  }

  moveTo(contact: string): void {
    this.contact = contact;
    this.goOn(this.now);
  }

  told(result: Told): void {
    const entry = this.entries.find(({ step, attempt }) => step === result.step && attempt === result.attempt);
    if (!entry) return;
    const wasHere = entry === this.here;
    if (!wasHere) this.#toldLate(entry, result);
    else if (entry.shown === "ERROR") this.#toldOfFailed(entry, result);
    else if (isOut(entry)) this.#toldOfOpen(entry, result);
    else if (result.outcome === "DONE") this.#end(entry, "DONE", null);
    // Where the step has ended by this, the next one waits from then on.
    this.goOn(wasHere && entry !== this.here ? Math.max(entry.began, Math.min(result.at, this.now)) : this.now);
  }

  #toldOfOpen(entry: Entry, { outcome, code, ...rest }: Told): void {
    const isUnknown = outcome === "ERROR" && code === "UNKNOWN_OUTCOME";
    if (outcome === "WAITING") {
      entry.shown = "WAITING";
      entry.notices.push({ outcome, code, ...rest });
      // The newest counts; of one instant, the longest.
      const length = (told: Told): number => (told.code ? (told.until ?? Number.POSITIVE_INFINITY) : -1);
      const [newest] = entry.notices.toSorted(
        (a, b) => b.at - a.at || length(b) - length(a) || (b.code! > a.code! ? 1 : -1),
      );
      entry.code = newest!.code;
      entry.until = newest!.code ? newest!.until : null;
    } else if (outcome === "DONE") this.#end(entry, "DONE", null);
    else if (outcome === "SKIPPED") this.#end(entry, "SKIPPED", code ?? "WITHDRAWN");
    else if (isUnknown || (outcome === "ERROR" && !entry.pulled)) {
      Object.assign(entry, { shown: "ERROR", code: code ?? "STEP_FAILED", until: null, pulled: null });
      this.become("ERROR", entry.code);
    } else if (entry.pulled && GOALS.has(entry.pulled)) this.#again(entry);
    else this.#end(entry, "CANCELED", entry.pulled ?? code ?? "WITHDRAWN");
  }

  #toldOfFailed(entry: Entry, { outcome, code }: Told): void {
    if (outcome === "DONE" || outcome === "SKIPPED") {
      this.#end(entry, outcome, outcome === "DONE" ? null : (code ?? "WITHDRAWN"));
      if (this.respondedCall) this.become("PAUSED", "MARKED_AS_RESPONDED");
      else this.become("ACTIVE", "RESOLVED");
    } else if (outcome === "ERROR" && entry.code === "UNKNOWN_OUTCOME" && code) {
      entry.code = code;
      this.reason = code;
    }
  }

  #toldLate(entry: Entry, { outcome, code }: Told): void {
    const isOver = this.status === "CANCELED" || this.status === "GOAL_MET";
    if (!isOver || entry.shown !== "CANCELED" || outcome === "WAITING") return;
    if (outcome === "DONE") Object.assign(entry, { shown: "DONE", code: null, pulled: null });
    else if (outcome === "ERROR" && code === "UNKNOWN_OUTCOME") entry.code = code;
    else if (entry.pulled) Object.assign(entry, { pulled: null, code: this.reason });
  }

  /** Follows the plan as far as it may now. `since`: when the step before ended. */
  goOn(since: number): void {
    if (this.status === "ACTIVE" && this.archived) this.become("PAUSED", "WORKFLOW_ARCHIVED");
    if (this.status !== "ACTIVE" && this.status !== "PAUSED") return;
    const here = this.here;
    if (here && isOut(here)) {
      if (planned(this.plan, here.step) || here.pulled || here.kind === "UPDATE_LEAD") return;
      this.#takeBack();
      here.pulled = "STEP_REMOVED";
      return;
    }
    if (here && here.attempt > 0 && !planned(this.plan, here.step)) {
      this.#end(here, "CANCELED", "STEP_REMOVED");
      this.goOn(this.now);
      return;
    }
    const ended = this.entries.filter((entry) => entry !== here).map(({ step }) => step);
    if (!here || here.attempt === 0) this.#stand(firstBehind(this.plan, ended), since);
    if (!this.here && this.status === "ACTIVE") this.become("FINISHED", null, "STEPS_ENDED");
    else if (this.here && this.status === "ACTIVE") this.#process(this.here, planned(this.plan, this.here.step)!);
    else if (this.here?.shown === "HELD" && !this.#isHeld(this.here, planned(this.plan, this.here.step)!))
      Object.assign(this.here, { shown: "PENDING", code: null, until: null });
  }

  #stand(next: PlannedStep | null, since: number): void {
    const here = this.here;
    if (here && here.step === next?.id) {
      const end = here.since + next.delay;
      here.due = end > this.now ? end : Math.min(here.due, this.now);
      return;
    }
    if (here) this.entries.pop();
    if (!next) return;
    const { id: step, kind, delay } = next;
    const clean = { code: null, until: null, attempt: 0, began: since, pulled: null, notices: [] };
    this.entries.push({ ...clean, step, kind, shown: "PENDING", since, due: since + delay });
  }

  /** Whether something keeps the step back once it is due; says what. */
  #isHeld(here: Entry, { anyTime }: PlannedStep): boolean {
    const speaks = here.kind === "EMAIL";
    if (here.due > this.now || !speaks) return false;
    if (this.awayUntil !== null && this.awayUntil > this.now)
      Object.assign(here, { shown: "HELD", code: "AUTO_REPLY", until: this.awayUntil });
    else if (this.plan.office && !anyTime && !isOpenAt(this.now))
      Object.assign(here, { shown: "HELD", code: "OUTSIDE_WINDOW", until: nextOpening(this.now) });
    else return false;
    return true;
  }

  #process(here: Entry, step: PlannedStep): void {
    if (this.#isHeld(here, step)) return;
    if (here.due > this.now) Object.assign(here, { shown: "PENDING", code: null, until: null });
    else {
      const attempt = here.attempt + 1;
      Object.assign(here, { shown: "PROCESSING", code: null, until: null, began: this.now, attempt, notices: [] });
      if (here.kind === "EMAIL") this.awayUntil = null;
      this.effects.add(`${here.step}:${attempt}`);
    }
  }

  #takeBack(): void {
    const here = this.here;
    if (here && isOut(here) && !here.pulled && here.kind !== "UPDATE_LEAD")
      this.effects.add(`${here.step}:${here.attempt}:withdraw`);
  }

  #takeUp(): void {
    const last = this.entries.at(-1);
    if (last?.shown !== "CANCELED" || !(last.pulled || last.code === "EMAIL_REPLY")) return;
    if (!last.pulled) this.#again(last);
    else if (last.code === "UNKNOWN_OUTCOME") Object.assign(last, { shown: "ERROR", pulled: null });
    else if (last.kind === "UPDATE_LEAD") Object.assign(last, { shown: "PROCESSING", code: null, pulled: null });
    else {
      Object.assign(last, { shown: "WAITING", code: null });
      this.effects.add(`${last.step}:${last.attempt}:withdraw`);
    }
  }

  #again(entry: Entry): void {
    Object.assign(entry, { shown: "PENDING", code: null, until: null, pulled: null });
  }

  #end(entry: Entry, shown: "DONE" | "SKIPPED" | "CANCELED", code: string | null): void {
    Object.assign(entry, { shown, code, until: null, pulled: null, notices: [] });
  }

  become(to: Status, reason: string | null, shownReason = reason): void {
    this.transitions.push(`${this.status} -> ${to} ${shownReason}`);
    this.status = to;
    this.reason = to === "ACTIVE" ? null : reason;
  }
}
