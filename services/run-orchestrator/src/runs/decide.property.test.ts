import type { Definition, PlacedStep, Step, StepResult } from "@cadenza/contracts";
import { isOpen } from "@cadenza/schedule";
import fc from "fast-check";
import { expect, test } from "vitest";
import { commandKey } from "./commands.ts";
import { type Decision, decide, type Input } from "./decide.ts";
import { definition, email, idOf, officeHours, task, updateLead } from "./definition-builder.ts";
import { ENDED_STATUSES, type Run } from "./model.ts";
import { ADA, RunWalk } from "./run-walk.ts";

/** What may happen to a run and its workflow, as data, so that a failing story shrinks and replays. */
type Event =
  | { kind: "wait"; minutes: number }
  | { kind: "alarm" }
  | { kind: "answer"; outcome: StepResult["outcome"]; attemptsBack: number }
  | { kind: "insert"; at: number; step: NewStep }
  | { kind: "remove" | "move"; at: number; to: number }
  | { kind: "delay"; at: number; minutes: number }
  | { kind: "schedule"; on: boolean }
  | { kind: "pause" | "resume" | "cancel" | "retry" | "skip" };
type NewStep = { kind: "EMAIL" | "TASK" | "UPDATE_LEAD"; minutes: number };

const minutes = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2000 }));
const newStep = fc.record({ kind: fc.constantFrom("EMAIL", "TASK", "UPDATE_LEAD"), minutes }) as fc.Arbitrary<NewStep>;
const place = fc.nat(7);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 3000 }) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: "alarm" } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      outcome: fc.constantFrom("WAITING", "DONE", "DONE", "SKIPPED", "ERROR", "CANCELED" as const) as fc.Arbitrary<
        StepResult["outcome"]
      >,
      attemptsBack: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("insert" as const), at: place, step: newStep }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("remove" as const, "move" as const), at: place, to: place }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delay" as const), at: place, minutes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("schedule" as const), on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("pause", "resume", "resume", "retry", "skip", "cancel") as fc.Arbitrary<"pause">,
    }),
  },
);

function stepFrom({ kind, minutes: amount }: NewStep, name: string): Step {
  const delay = { amount, unit: "MINUTE" } as const;
  return kind === "EMAIL"
    ? email(name, { delay })
    : kind === "TASK"
      ? task(name, { delay })
      : updateLead(name, { delay });
}

/** A story: a run, its workflow, and what a watcher remembers of both to judge by. */
class Story {
  readonly walk: RunWalk;
  /** What the watcher has seen end, in the order it ended. */
  readonly ended: string[] = [];
  readonly contents = new Map<string, string>();
  readonly #revisions = new Map<number, Definition>();
  #steps = 0;

  constructor(steps: readonly NewStep[]) {
    this.walk = new RunWalk(definition(steps.map((step) => stepFrom(step, `step ${this.#steps++}`))));
    this.#revisions.set(1, this.walk.definition);
    this.#judge({ kind: "unchanged", wants: null }, 0);
  }

  play(happening: Event): void {
    const { walk } = this;
    const heard = walk.commands.length;
    const before = freeze(walk.run);
    const input = this.#inputOf(happening);
    if (!input) return;
    this.#revisions.set(walk.definition.revision, walk.definition);
    const claimedUnder = before.executions.at(-1)?.revision;
    const facts = { ...walk.facts, claimedDefinition: claimedUnder ? this.#revisions.get(claimedUnder) : undefined };
    const again = decide(before, walk.definition, facts, input, walk.now);
    walk.facts = facts;
    const decision = walk.apply(input);
    expect(decision, "the same arguments give the same answer").toEqual(again);
    this.#judge(decision, heard);
    expect(walk.apply({ kind: "tick" }).kind, "nothing is left to do at the same instant").toBe("unchanged");
  }

  #inputOf(happening: Event): Input | null {
    const { walk } = this;
    switch (happening.kind) {
      case "wait":
        walk.now = new Date(walk.now.getTime() + happening.minutes * 60_000);
        return { kind: "tick" };
      case "alarm":
        if (walk.run.wakeAt && walk.run.wakeAt > walk.now) walk.now = walk.run.wakeAt;
        return { kind: "tick" };
      case "answer":
        return this.#answer(happening.outcome, happening.attemptsBack);
      case "pause":
      case "resume":
      case "cancel":
      case "retry":
        return { kind: happening.kind, actor: ADA };
      case "skip":
        return { kind: "skipStep", actor: ADA, stepId: null };
      default:
        this.#edit(happening);
        return { kind: "definitionChanged" };
    }
  }

  #answer(outcome: StepResult["outcome"], attemptsBack: number): Input | null {
    const execution = this.walk.run.executions.at(-1);
    if (!execution || execution.attempt === 0) return null;
    const reason = outcome === "DONE" || outcome === "WAITING" ? null : { code: "WHY", message: "Because." };
    return {
      kind: "stepResult",
      result: { ...this.walk.resultOf(execution), attempt: execution.attempt - attemptsBack, outcome, reason },
    };
  }

  #edit(happening: Extract<Event, { kind: "insert" | "remove" | "move" | "delay" | "schedule" }>): void {
    const { definition: old } = this.walk;
    const places = [...old.places];
    const next: Definition = { ...old, revision: old.revision + 1, places };
    this.walk.definition = next;
    if (happening.kind === "schedule") next.schedule = happening.on ? officeHours() : null;
    else if (happening.kind === "insert") {
      const step = stepFrom(happening.step, `step ${this.#steps++}`);
      places.splice(happening.at % (places.length + 1), 0, { stepId: step.id, step });
    } else if (places.length > 0) this.#editPlace(places, happening);
  }

  #editPlace(places: PlacedStep[], happening: Extract<Event, { kind: "remove" | "move" | "delay" }>): void {
    const at = happening.at % places.length;
    const placed = places[at]!;
    if (happening.kind === "remove") places[at] = { ...placed, step: null };
    else if (happening.kind === "delay")
      places[at] = {
        ...placed,
        step: placed.step && { ...placed.step, delay: { amount: happening.minutes, unit: "MINUTE" } },
      };
    else {
      places.splice(at, 1);
      places.splice(happening.to % (places.length + 1), 0, placed);
    }
  }

  #judge(decision: Decision, heard: number): void {
    const { run, now } = this.walk;
    this.#judgeEnds(run);
    this.#judgePlace(run);
    this.#judgeCommands(heard);
    const inFlight = run.executions.some(({ status }) => status === "PROCESSING" || status === "WAITING");
    if (run.status === "ACTIVE") expect(run.wakeAt, "an active run has an alarm").not.toBeNull();
    else if (run.status !== "PAUSED" || !inFlight)
      expect(run.wakeAt, "a run that waits for nothing has none").toBeNull();
    if (run.status === "ACTIVE" && inFlight) expect(run.wakeAt! > now).toBe(true);
    expect(run.open).toBe(["ACTIVE", "PAUSED", "ERROR"].includes(run.status));
    expect(run.open).toBe(run.endedAt === null);
    if (decision.kind === "moved")
      expect(decision.droppedTransitions.length === 0 || run.transitions.length === 50).toBe(true);
  }

  #judgeEnds(run: Run): void {
    const stepIds = run.executions.map(({ stepId }) => stepId);
    expect(new Set(stepIds).size, "a step has one execution").toBe(stepIds.length);
    const ended = run.executions.filter(({ status }) => ENDED_STATUSES.has(status)).map(({ stepId }) => stepId);
    expect(ended.slice(0, this.ended.length), "what has ended stays so").toEqual(this.ended);
    this.ended.push(...ended.slice(this.ended.length));
    expect(run.executions.length - ended.length, "at most one step is current").toBeLessThanOrEqual(1);
  }

  /** EDIT-1 in other words: walk the order, forget all up to the last ended one, and take the first that is left. */
  #judgePlace(run: Run): void {
    if (run.status !== "ACTIVE") return;
    const current = run.executions.find(({ status }) => !ENDED_STATUSES.has(status));
    if (current && current.attempt > 0) return;
    let expected: string[] = [];
    for (const { stepId, step } of this.walk.definition.places) {
      if (stepId === this.ended.at(-1)) expected = [];
      else if (step && !this.ended.includes(stepId)) expected.push(stepId);
    }
    expect(current?.stepId, "the run stands where the newest order says").toBe(expected[0]);
  }

  #judgeCommands(heard: number): void {
    const { commands, run, now } = this.walk;
    for (const { kind, item } of commands.slice(heard)) {
      if (kind === "withdrawTask" || kind === "withdrawMessage") continue;
      const known = this.contents.get(item.key);
      if (known !== undefined) expect(JSON.stringify(item), "one key, one content").toBe(known);
      if (known !== undefined) continue;
      this.contents.set(item.key, JSON.stringify(item));
      const execution = run.executions.find(({ stepId, attempt }) => commandKey(run._id, stepId, attempt) === item.key);
      const step = this.walk.definition.places.find(({ stepId }) => stepId === item.stepId)?.step;
      expect(execution!.dueAt <= now, "a step is claimed only when due").toBe(true);
      if (item.attempt === 1)
        expect(
          execution!.pendingSince.getTime() + step!.delay.amount * 60_000,
          "and its delay is over",
        ).toBeLessThanOrEqual(now.getTime());
      if (kind === "prepareEmail" && this.walk.definition.schedule)
        expect(isOpen(this.walk.definition.schedule, "Europe/Berlin", now), "inside the window").toBe(true);
    }
  }
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}

test("RUN-4, EDIT-1, EDIT-2, EDIT-4, SCH-3: whatever happens, a run keeps its rules", () => {
  fc.assert(
    fc.property(
      fc.array(newStep, { minLength: 0, maxLength: 4 }),
      fc.array(event, { maxLength: 40 }),
      (steps, events) => {
        const story = new Story(steps);
        for (const happening of events) story.play(happening);
      },
    ),
    { numRuns: 1000 },
  );
});

test("EDIT-3: due is the later of now and pendingSince plus the delay, and saving twice changes nothing", () => {
  const twoDays = fc.integer({ min: 0, max: 2880 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2880 }),
      fc.array(fc.record({ wait: twoDays, delay: twoDays }), { minLength: 1, maxLength: 8 }),
      (first, edits) => {
        const delayed = (amount: number) => definition([task("a", { delay: { amount, unit: "MINUTE" } })]);
        const walk = new RunWalk(delayed(first));
        const sinceMs = walk.now.getTime();
        for (const { wait, delay } of edits) {
          walk.after(wait);
          if (walk.current().status !== "PENDING") return;
          const next = delayed(delay);
          walk.edit(next);
          expect(walk.current().dueAt.getTime()).toBe(Math.max(walk.now.getTime(), sinceMs + delay * 60_000));
          expect(walk.edit(next).kind).toBe("unchanged");
        }
      },
    ),
  );
});

test("RUN-4: in whatever order and however often answers arrive, the run ends up the same", () => {
  const steps = definition([email("a"), task("b", { delay: { amount: 5, unit: "MINUTE" } })]);
  const answers = fc.shuffledSubarray(["WAITING", "DONE", "WAITING", "DONE", "stale"] as const, { minLength: 5 });
  const end = (order: readonly ("WAITING" | "DONE" | "stale")[]): unknown => {
    const walk = new RunWalk(steps);
    const sent = walk.resultOf(walk.current());
    for (const outcome of order) {
      const result =
        outcome === "stale"
          ? { ...sent, attempt: 7, outcome: "ERROR" as const }
          : { ...sent, outcome, messageId: idOf("message") };
      walk.apply({ kind: "stepResult", result });
    }
    const { version: _, updatedAt: __, ...run } = walk.run;
    return { run, told: walk.told() };
  };
  const expected = end(["WAITING", "DONE", "stale", "WAITING", "DONE"]);
  fc.assert(
    fc.property(answers, (order) => {
      expect(end(order)).toEqual(expected);
    }),
  );
});
