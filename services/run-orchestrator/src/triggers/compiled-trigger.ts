import { type Clue, compile, cluesOf, type Judgement } from "@cadenza/conditions";
import type { Definition, TriggerEvent } from "@cadenza/contracts";

/** A workflow's trigger, read once for each revision. */
export type CompiledTrigger = {
  event: TriggerEvent;
  /** Whether its conditions hold of what is known; always, where it has none. */
  judge: Judgement;
  /** What must be seen of an event for them to hold; each list for itself. */
  clues: Clue[][];
  /** As the enrolment wants it. Only active workflows are looked at. */
  workflow: { definition: Definition; status: "ACTIVE" };
};

/** Null where the workflow has no trigger. */
export function compileTrigger(definition: Definition): CompiledTrigger | null {
  const { trigger } = definition;
  if (!trigger) return null;
  const { event, conditions } = trigger;
  return {
    event,
    judge: conditions ? compile(conditions) : always,
    clues: conditions ? cluesOf(conditions) : [],
    workflow: { definition, status: "ACTIVE" },
  };
}

function always(): true {
  return true;
}
