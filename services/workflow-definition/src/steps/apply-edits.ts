import type { Step } from "@cadenza/contracts";
import { type UserError, userError } from "@cadenza/subgraph";
import { exactlyOne } from "../exactly-one.ts";
import { LIMITS } from "../limits.ts";
import { addStep, findStep, moveStep, type Places, removeStep, replaceStep, visibleSteps } from "./places.ts";
import { readStep, type StepInput, type StepReading } from "./step-input.ts";

export type StepEditInput = {
  add?: { step: StepInput; position?: number | null } | null;
  update?: { stepId: string; step: StepInput } | null;
  move?: { stepId: string; position: number } | null;
  remove?: string | null;
};

/** An edit and where each of its values stands in the mutation's arguments. */
export type StepEdit = {
  edit: StepEditInput;
  paths: { edit: readonly string[]; step: readonly string[]; stepId: readonly string[]; position: readonly string[] };
};

const EDITS = ["add", "update", "move", "remove"] as const;

/** Edits of a list argument: `edits` itself, or `input.edits`. */
export function editsAt(edits: readonly StepEditInput[], path: readonly string[]): StepEdit[] {
  return edits.map((edit, index) => {
    const at = [...path, String(index)];
    const kind = EDITS.find((name) => edit[name] !== null && edit[name] !== undefined) ?? "add";
    const within = [...at, kind];
    const stepId = kind === "remove" ? within : [...within, "stepId"];
    return { edit, paths: { edit: at, step: [...within, "step"], stepId, position: [...within, "position"] } };
  });
}

/**
 * Applies edits one after the other: each sees what those before it made (WF-4).
 * @param newStepId names an added step.
 * @returns the places after all of them; worthless where `errors` got any.
 */
export function applyEdits(
  places: Places,
  edits: readonly StepEdit[],
  newStepId: () => string,
  errors: UserError[],
): Places {
  if (edits.length > LIMITS.edits) {
    errors.push(userError("TOO_MANY", `At most ${LIMITS.edits} edits at a time.`, edits[0]!.paths.edit.slice(0, -1)));
    return places;
  }
  return edits.reduce<Places>((current, { edit, paths }) => {
    const kind = exactlyOne(edit, EDITS, paths.edit, errors);
    if (!kind) return current;
    switch (kind) {
      case "add": {
        const reading = readStep(edit.add!.step, paths.step, errors);
        const position = edit.add!.position ?? null;
        const count = visibleSteps(current).length;
        if (!isPosition(position, count, paths.position, errors) || !reading) return current;
        if (count >= LIMITS.steps) {
          errors.push(userError("TOO_MANY_STEPS", `A workflow has at most ${LIMITS.steps} steps.`, paths.edit));
          return current;
        }
        return addStep(current, newStep(newStepId(), reading), position);
      }
      case "update": {
        const step = known(current, edit.update!.stepId, paths.stepId, errors);
        const reading = readStep(edit.update!.step, paths.step, errors);
        if (!step || !reading) return current;
        if (reading.settings.kind !== step.kind) {
          const message = `The step is of kind ${step.kind}, which stays. Remove it and add another instead.`;
          errors.push(userError("STEP_KIND_FIXED", message, paths.step));
          return current;
        }
        return replaceStep(current, changedStep(step, reading));
      }
      case "move": {
        const { stepId, position } = edit.move!;
        const step = known(current, stepId, paths.stepId, errors);
        if (!step || !isPosition(position, visibleSteps(current).length - 1, paths.position, errors)) return current;
        return moveStep(current, stepId, position);
      }
      case "remove":
        return known(current, edit.remove!, paths.stepId, errors) ? removeStep(current, edit.remove!) : current;
    }
  }, places);
}

export function newStep(id: string, { name, delay, settings }: StepReading): Step {
  return { id, name: name || null, delay: delay ?? { amount: 0, unit: "MINUTE" }, ...settings };
}

function changedStep(step: Step, { name, delay, settings }: StepReading): Step {
  return { id: step.id, name: name === undefined ? step.name : name || null, delay: delay ?? step.delay, ...settings };
}

function known(places: Places, stepId: string, path: readonly string[], errors: UserError[]): Step | null {
  const step = findStep(places, stepId);
  if (!step) errors.push(userError("NOT_FOUND", "The workflow has no such step.", path));
  return step;
}

function isPosition(position: number | null, last: number, path: readonly string[], errors: UserError[]): boolean {
  if (position === null || (position >= 0 && position <= last)) return true;
  errors.push(userError("POSITION_OUT_OF_RANGE", `The position is from 0 to ${last}.`, path));
  return false;
}
