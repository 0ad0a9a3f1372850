import {
  type Definition,
  type Exclusivity,
  type PlacedStep,
  type Step,
  WEEKDAYS,
  type WorkflowStatus,
} from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import { definition, email, EPOCH, idOf, NO_GOALS, task, updateLead } from "../src/runs/definition-builder.ts";
import type { Random } from "./random.ts";

const RANGES = [
  ["08:00", "12:00"],
  ["13:30", "18:00"],
  ["22:00", "02:00"],
] as const;
const GOALS = { ...NO_GOALS, emailReply: true, markedAsResponded: true };

/** One workflow and how it changes: all of it out of one seed. */
export class WorkflowStory {
  definition: Definition;
  status: WorkflowStatus = "ACTIVE";
  readonly revisions = new Map<number, Definition>();
  readonly #random: Random;
  readonly #name: string;
  #names = 0;

  constructor(name: string, exclusivity: Exclusivity | null, random: Random) {
    this.#random = random;
    this.#name = name;
    this.definition = definition(
      Array.from({ length: random.between(1, 5) }, () => this.#newStep()),
      { workflowId: idOf(name), schedule: this.#newSchedule(), goals: GOALS, exclusivity },
    );
    this.revisions.set(1, this.definition);
  }

  edit(): void {
    const random = this.#random;
    const places = [...this.definition.places];
    const next: Definition = { ...this.definition, revision: this.definition.revision + 1, places };
    const at = random.between(0, Math.max(0, places.length - 1));
    const placed = places[at];
    const what = random.pick(["insert", "remove", "delay", "move", "schedule", "restore"]);
    if (what === "insert" || !placed) {
      const step = this.#newStep();
      places.splice(random.between(0, places.length), 0, { stepId: step.id, step });
    } else if (what === "remove") places[at] = { ...placed, step: null };
    else if (what === "delay")
      places[at] = { ...placed, step: placed.step && { ...placed.step, delay: this.#newDelay() } };
    else if (what === "move") {
      places.splice(at, 1);
      places.splice(random.between(0, places.length), 0, placed);
    } else if (what === "restore") next.places = this.#restored();
    else next.schedule = this.#newSchedule();
    this.definition = next;
    this.revisions.set(next.revision, next);
  }

  /** An old revision's steps in its order; what has come since keeps its place as removed. */
  #restored(): PlacedStep[] {
    const old = this.revisions.get(this.#random.between(1, this.definition.revision))!.places;
    const since = this.definition.places.filter(({ stepId }) => !old.some((place) => place.stepId === stepId));
    return [...old, ...since.map(({ stepId }) => ({ stepId, step: null }))];
  }

  #newStep(): Step {
    const name = derivedId(EPOCH, `${this.#name} step ${this.#names++}`);
    const delay = this.#newDelay();
    return this.#random.pick([email, email, task, updateLead])(name, { delay });
  }

  #newDelay(): Step["delay"] {
    return this.#random.pick([
      { amount: 0, unit: "MINUTE" },
      { amount: 0, unit: "MINUTE" },
      { amount: this.#random.between(1, 400), unit: "MINUTE" },
      { amount: this.#random.between(1, 12), unit: "HOUR" },
      { amount: 1, unit: "DAY" },
    ] as const);
  }

  #newSchedule(): Definition["schedule"] {
    const random = this.#random;
    if (random.chance(0.3)) return null;
    const ranges = WEEKDAYS.flatMap((weekday) =>
      RANGES.filter(() => random.chance(0.6)).map(([start, end]) => ({ weekday, start, end })),
    );
    if (ranges.length === 0) return null;
    return {
      zoneMode: random.pick(["WORKFLOW", "RECIPIENT"] as const),
      timeZone: "Europe/Berlin",
      ranges,
      blackoutDates: random.chance(0.3) ? ["2026-01-06"] : [],
    };
  }
}
