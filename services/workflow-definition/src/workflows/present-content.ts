import { DEFAULT_GOALS, type PlacedStep, type Trigger } from "@cadenza/contracts";
import type { WorkflowContent } from "./model.ts";

/** A content as an earlier version stored it: what it did not know yet is missing. */
export type StoredContent = Omit<WorkflowContent, "goals" | "exclusivity" | "trigger" | "places"> &
  Partial<Pick<WorkflowContent, "goals" | "exclusivity">> & {
    trigger: (Omit<Trigger, "stalledDays"> & Partial<Pick<Trigger, "stalledDays">>) | null;
    places: readonly PlacedStep[];
  };

/** What is stored in the form of today (REL-7): the one place that knows what earlier versions left out. */
export function presentContent(stored: StoredContent): WorkflowContent {
  const { trigger } = stored;
  return {
    ...stored,
    trigger: trigger && { ...trigger, stalledDays: trigger.stalledDays ?? null },
    goals: stored.goals ?? DEFAULT_GOALS,
    exclusivity: stored.exclusivity ?? null,
    places: stored.places.map(presentPlace),
  };
}

/** Today's form of a document that has a content. */
export function withPresentContent<T extends { content: StoredContent }>(stored: T): T & { content: WorkflowContent } {
  return { ...stored, content: presentContent(stored.content) };
}

function presentPlace(place: PlacedStep): PlacedStep {
  const { step } = place;
  if (step?.kind !== "EMAIL" || step.replyInThread !== undefined) return place;
  return { ...place, step: { ...step, replyInThread: false } };
}
