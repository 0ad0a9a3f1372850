import { DEFAULT_GOALS, type Delay, type Step } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { WorkflowContent } from "../src/workflows/model.ts";

const AT = new Date("2026-01-05T09:00:00.000Z");

/** The same name gives the same id. */
export const idOf = (name: string): string => derivedId(AT, name);

/** An Update Lead step without a fault, named and numbered by `name`. */
export function stepNamed(name: string, delay: Delay = { amount: 0, unit: "MINUTE" }): Step {
  const fields = [{ field: "description", value: name, template: null }];
  return { id: idOf(name), name, delay, kind: "UPDATE_LEAD", fields, overwrite: true, addMissingChoices: false };
}

export function contentOf(changes: Partial<WorkflowContent> = {}): WorkflowContent {
  return {
    name: "Outreach",
    description: null,
    ownerId: idOf("owner"),
    trigger: null,
    recipient: "EVENT_CONTACT",
    schedule: null,
    goals: DEFAULT_GOALS,
    reentry: { mode: "ONCE", minimumDaysSinceLastStart: 0 },
    exclusivity: null,
    places: placesOf(stepNamed("A")),
    ...changes,
  };
}

export const placesOf = (...steps: Step[]) => steps.map((step) => ({ stepId: step.id, step }));
