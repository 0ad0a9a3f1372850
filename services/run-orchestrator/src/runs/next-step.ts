import type { PlacedStep, Step } from "@cadenza/contracts";
import { ENDED_STATUSES, type StepExecution } from "./model.ts";

/**
 * Which step comes next (EDIT-1): in the order of `places`, the first that stands after the step that ended last and has
 * not itself ended. Executions are in the order they became current, so the last that ended is the last in time.
 */
export function nextStep(places: readonly PlacedStep[], executions: readonly StepExecution[]): Step | null {
  const ended = new Set<string>();
  let lastEnded: string | null = null;
  for (const execution of executions) {
    if (!ENDED_STATUSES.has(execution.status)) continue;
    ended.add(execution.stepId);
    lastEnded = execution.stepId;
  }
  const after = lastEnded === null ? -1 : places.findIndex((place) => place.stepId === lastEnded);
  for (let i = after + 1; i < places.length; i++) {
    const step = places[i]!.step;
    if (step && !ended.has(step.id)) return step;
  }
  return null;
}

/** The step as the definition has it; null where it was removed. */
export function stepOf(places: readonly PlacedStep[], stepId: string): Step | null {
  return places.find((place) => place.stepId === stepId)?.step ?? null;
}
