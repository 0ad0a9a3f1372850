import { isDeepStrictEqual } from "node:util";
import type { Step } from "@cadenza/contracts";
import { visibleSteps } from "../steps/places.ts";
import { toStepInput } from "../steps/to-step-input.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { longestRising } from "./longest-rising.ts";

export type RevisionChange = {
  kind: "ADDED" | "REMOVED" | "MOVED" | "CHANGED";
  stepId: string | null;
  field: string | null;
  before: unknown;
  after: unknown;
};

/** What differs between two revisions: settings first, then removed steps, then the others in their new order. */
export function compare(from: WorkflowContent, to: WorkflowContent): RevisionChange[] {
  const before = visibleSteps(from.places);
  const after = visibleSteps(to.places);
  const positionBefore = new Map(before.map((step, position) => [step.id, position]));
  const isAfter = new Set(after.map(({ id }) => id));
  const kept = after.filter(({ id }) => positionBefore.has(id));
  // As few steps as possible count as moved: all others stand in the order in which they stood.
  const unmoved = new Set(longestRising(kept, ({ id }) => positionBefore.get(id)!).map(({ id }) => id));

  const removed = before
    .filter(({ id }) => !isAfter.has(id))
    .map((step) => change("REMOVED", step.id, null, toStepInput(step), null));
  const present = after.flatMap((step, position) => {
    const old = positionBefore.get(step.id);
    if (old === undefined) return [change("ADDED", step.id, null, null, { step: toStepInput(step), position })];
    const moved = unmoved.has(step.id) ? [] : [change("MOVED", step.id, "position", old, position)];
    return [...moved, ...changesOf(step.id, fieldsOf(before[old]!), fieldsOf(step))];
  });
  return [...changesOf(null, settingsOf(from), settingsOf(to)), ...removed, ...present];
}

function changesOf(
  stepId: string | null,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): RevisionChange[] {
  return Object.keys(after)
    .filter((field) => !isDeepStrictEqual(before[field], after[field]))
    .map((field) => change("CHANGED", stepId, field, before[field], after[field]));
}

/** `name`, `delay`, `email.templateId` … */
function fieldsOf(step: Step): Record<string, unknown> {
  const { name, delay, ...settings } = toStepInput(step);
  const [kind, values] = Object.entries(settings)[0] as [string, Record<string, unknown>];
  const inner = Object.entries(values).map(([field, value]) => [`${kind}.${field}`, value]);
  return { name, delay, ...Object.fromEntries(inner) };
}

function settingsOf(content: WorkflowContent): Record<string, unknown> {
  const { places: _, ...settings } = content;
  return settings;
}

function change(
  kind: RevisionChange["kind"],
  stepId: string | null,
  field: string | null,
  before: unknown,
  after: unknown,
): RevisionChange {
  return { kind, stepId, field, before, after };
}
