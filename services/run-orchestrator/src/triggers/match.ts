import { type ConditionEvent, judge, type KnownSubject } from "@cadenza/conditions";
import type { CrmChange, EventContext, TriggerEvent } from "@cadenza/contracts";
import { eventsOf } from "./events-of.ts";
import type { TriggeredWorkflow } from "./triggered-workflows.ts";

/** An event that may start a workflow: its conditions hold, or hang on what is not known yet. */
export type Match = { change: CrmChange; event: TriggerEvent; workflow: TriggeredWorkflow };

/** All pairs of event and workflow that the events alone do not rule out. */
export function possibleMatches(
  changes: readonly CrmChange[],
  byEvent: ReadonlyMap<TriggerEvent, readonly TriggeredWorkflow[]>,
  now: Date,
): Match[] {
  const matches: Match[] = [];
  for (const change of changes) {
    const subject = { event: conditionEvent(change) };
    for (const event of eventsOf(change))
      for (const workflow of byEvent.get(event) ?? [])
        if (meets(workflow, subject, now) !== false) matches.push({ change, event, workflow });
  }
  return matches;
}

/** Undefined where it hangs on what the subject leaves out. A trigger without conditions is always met. */
export function meets({ definition }: TriggeredWorkflow, subject: KnownSubject, now: Date): boolean | undefined {
  const conditions = definition.trigger?.conditions;
  return conditions ? judge(conditions, subject, now) : true;
}

/** A change as conditions see it. */
export function conditionEvent(change: CrmChange): ConditionEvent {
  return { object: change.object, data: change.after, previous: change.before, user: userOf(change) };
}

/** The event as the run keeps it and templates see it (EML-1). */
export function eventContext({ change, event }: Pick<Match, "change" | "event">): EventContext & { eventId: string } {
  return { kind: event, data: change.after, previous: change.before, user: userOf(change), eventId: change.key };
}

function userOf({ actor }: CrmChange): string | null {
  return actor.kind === "USER" ? actor.id : null;
}
