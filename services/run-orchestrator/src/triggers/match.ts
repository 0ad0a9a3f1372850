import { type ConditionEvent, type ConditionSubject, type KnownSubject, ToldObject } from "@cadenza/conditions";
import type { EventContext, TriggerEvent } from "@cadenza/contracts";
import type { CompiledTrigger } from "./compiled-trigger.ts";
import type { SourceEvent } from "./source-event.ts";
import type { TriggerIndex } from "./trigger-index.ts";

/** An event and a workflow that it may start. */
export type Match = { source: SourceEvent; event: TriggerEvent; trigger: CompiledTrigger };

/** All pairs that the events alone do not rule out. */
export function possibleMatches(sources: readonly SourceEvent[], index: TriggerIndex, now: Date): Match[] {
  return sources.flatMap((source) => {
    const seen = asTold(source, {});
    return source.events.flatMap((event) =>
      [...index.candidates(event, seen)]
        .filter((trigger) => mayHold(trigger, seen, now))
        .map((trigger) => ({ source, event, trigger })),
    );
  });
}

/** Conditions that cannot be judged count as open: judged again with the whole subject, they are reported. */
function mayHold(trigger: CompiledTrigger, seen: KnownSubject, now: Date): boolean {
  try {
    return trigger.judge(seen, now) !== false;
  } catch {
    return true;
  }
}

/**
 * Whether the conditions hold, of the subject as the event tells it and as it is at present: neither a state that is over
 * nor one that came with a later event starts a run. Undefined where it hangs on what the subject leaves out.
 */
export function meets({ source, trigger }: Match, present: Partial<ConditionSubject>, now: Date): boolean | undefined {
  const isNow = trigger.judge({ ...present, event: conditionEvent(source) }, now);
  if (isNow === false || source.object === null) return isNow;
  const wasThen = trigger.judge(asTold(source, present), now);
  return wasThen === false ? false : isNow && wasThen;
}

/** The subject with the changed object's fields as the event tells them. */
function asTold(source: SourceEvent, present: Partial<ConditionSubject>): KnownSubject {
  const event = conditionEvent(source);
  if (source.object === null) return { ...present, event };
  const side = SIDES[source.object];
  return { ...present, event, [side]: new ToldObject(source.data, source.isWhole, present[side]) };
}
const SIDES = { LEAD: "lead", CONTACT: "contact", OPPORTUNITY: "opportunity" } as const;

function conditionEvent({ object, data, previous, user }: SourceEvent): ConditionEvent {
  return { ...(object ? { object } : {}), data, previous, user };
}

/** The event as the run keeps it and templates see it (EML-1). */
export function eventContext({ source, event }: Match): EventContext & { eventId: string } {
  const { data, previous, user, key } = source;
  return { kind: event, data, previous, user, eventId: key };
}
