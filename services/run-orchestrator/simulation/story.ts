import { type Definition, type Step, type WorkflowStatus, WEEKDAYS } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { ZoneFacts } from "../src/runs/decide.ts";
import { definition, email, EPOCH, idOf, newRun, task, updateLead } from "../src/runs/definition-builder.ts";
import type { NewRun } from "../src/runs/new-run.ts";
import type { Random } from "./random.ts";

const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", null];
const RANGES = [
  ["08:00", "12:00"],
  ["13:30", "18:00"],
  ["22:00", "02:00"],
] as const;

/** Who starts which workflow when, and how the workflow changes: all of it out of one seed. */
export class Story {
  definition: Definition;
  status: WorkflowStatus = "ACTIVE";
  readonly revisions = new Map<number, Definition>();
  readonly starts: { afterMs: number; start: NewRun }[];
  readonly #random: Random;
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
    this.definition = definition(
      Array.from({ length: random.between(1, 5) }, () => this.#newStep()),
      { schedule: this.#newSchedule() },
    );
    this.revisions.set(1, this.definition);
    this.starts = Array.from({ length: random.between(2, 8) }, (_, i) => {
      const {
        _id: id,
        organizationId,
        workflowId,
        leadId,
        contactId,
        opportunityId,
        ordinal,
        startedBy,
        enrollingUserId,
        event,
        depth,
        chosenAccountIds,
      } = newRun(`run ${i}`);
      const start = {
        id,
        organizationId,
        workflowId,
        leadId,
        contactId,
        opportunityId,
        ordinal,
        startedBy,
        enrollingUserId,
        event,
        depth,
        chosenAccountIds,
      };
      return { afterMs: random.between(0, 6 * 3_600_000), start };
    });
  }

  /** A contact's zone hangs on the contact alone. */
  contactOf(contactId: string): ZoneFacts {
    return { timeZone: ZONES[contactId.charCodeAt(25) % ZONES.length] ?? null, phones: [] };
  }

  edit(): void {
    const random = this.#random;
    const places = [...this.definition.places];
    const next: Definition = { ...this.definition, revision: this.definition.revision + 1, places };
    const at = random.between(0, Math.max(0, places.length - 1));
    const placed = places[at];
    const what = random.pick(["insert", "remove", "delay", "move", "schedule"]);
    if (what === "insert" || !placed) {
      const step = this.#newStep();
      places.splice(random.between(0, places.length), 0, { stepId: step.id, step });
    } else if (what === "remove") places[at] = { ...placed, step: null };
    else if (what === "delay")
      places[at] = { ...placed, step: placed.step && { ...placed.step, delay: this.#newDelay() } };
    else if (what === "move") {
      places.splice(at, 1);
      places.splice(random.between(0, places.length), 0, placed);
    } else next.schedule = this.#newSchedule();
    this.definition = next;
    this.revisions.set(next.revision, next);
  }

  #newStep(): Step {
    const name = derivedId(EPOCH, `step ${this.#names++}`);
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

export const ORGANIZATION = idOf("organization");
