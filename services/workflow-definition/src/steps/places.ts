import type { PlacedStep, Step } from "@cadenza/contracts";
import { LIMITS } from "../limits.ts";

/** A workflow's steps in order, and between them the tombstones of removed ones (EDIT-1). Positions count the steps only. */
export type Places = readonly PlacedStep[];

export function visibleSteps(places: Places): Step[] {
  return places.flatMap(({ step }) => (step ? [step] : []));
}

export function findStep(places: Places, stepId: string): Step | null {
  return places.find((place) => place.stepId === stepId)?.step ?? null;
}

/** Puts a step right before the one shown at `position`, or last. */
export function addStep(places: Places, step: Step, position: number | null): PlacedStep[] {
  return insertBefore(places, { stepId: step.id, step }, position);
}

export function replaceStep(places: Places, step: Step): PlacedStep[] {
  return places.map((place) => (place.stepId === step.id ? { stepId: step.id, step } : place));
}

/** Afterwards the step is the one shown at `position`. Where it already is, nothing moves, tombstones included. */
export function moveStep(places: Places, stepId: string, position: number): PlacedStep[] {
  const present = visibleSteps(places).findIndex((step) => step.id === stepId);
  if (present === position) return [...places];
  const moved = places.find((place) => place.stepId === stepId)!;
  return insertBefore(
    places.filter((place) => place !== moved),
    moved,
    position,
  );
}

/** The step's place stays, empty. */
export function removeStep(places: Places, stepId: string): PlacedStep[] {
  return boundTombstones(places.map((place) => (place.stepId === stepId ? { stepId, step: null } : place)));
}

/**
 * `restored`'s steps in their order and with their settings; every place that `present` has besides stays as a tombstone
 * right after the place it follows there, so that runs at any of them know what comes next.
 */
export function restorePlaces(restored: Places, present: Places): PlacedStep[] {
  const result = [...restored];
  const known = new Set(restored.map(({ stepId }) => stepId));
  let after = -1;
  for (const { stepId } of present) {
    if (known.has(stepId)) after = result.findIndex((place) => place.stepId === stepId);
    else result.splice(++after, 0, { stepId, step: null });
  }
  return boundTombstones(result);
}

function insertBefore(places: Places, place: PlacedStep, position: number | null): PlacedStep[] {
  const shown = places.flatMap(({ step }, index) => (step ? [index] : []));
  const at = position === null ? places.length : (shown[position] ?? places.length);
  return [...places.slice(0, at), place, ...places.slice(at)];
}

/** Ids begin with their instant, so the smallest are the oldest. */
function boundTombstones(places: Places): PlacedStep[] {
  const tombstones = places.filter(({ step }) => step === null).map(({ stepId }) => stepId);
  const surplus = new Set(tombstones.sort().slice(0, Math.max(0, tombstones.length - LIMITS.tombstones)));
  return places.filter(({ stepId, step }) => step !== null || !surplus.has(stepId));
}
