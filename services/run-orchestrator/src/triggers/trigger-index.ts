import { type Clue, clueReader, type ClueSource, type KnownSubject } from "@cadenza/conditions";
import type { TriggerEvent } from "@cadenza/contracts";
import type { CompiledTrigger } from "./compiled-trigger.ts";

/**
 * Finds the workflows that an event may start by what is seen of the event: a hash look-up for each field that conditions
 * name, in place of one evaluation for each workflow. It may name too many, never too few.
 */
export class TriggerIndex {
  readonly #byEvent = new Map<TriggerEvent, EventIndex>();

  constructor(triggers: readonly CompiledTrigger[]) {
    for (const [event, own] of Map.groupBy(triggers, (trigger) => trigger.event))
      this.#byEvent.set(event, new EventIndex(event, own));
  }

  /** Every trigger whose conditions may hold of the subject, and perhaps others. */
  candidates(event: TriggerEvent, subject: KnownSubject): Iterable<CompiledTrigger> {
    return this.#byEvent.get(event)?.candidates(subject) ?? [];
  }
}

/** The triggers filed under one source of clues. */
type Drawer = {
  read: (subject: KnownSubject) => string[] | null;
  byKey: Map<string, CompiledTrigger[]>;
  all: Set<CompiledTrigger>;
};

/** The triggers of one event. */
class EventIndex {
  readonly #drawers = new Map<string, Drawer>();
  /** Of which nothing can be said beforehand. */
  readonly #others: CompiledTrigger[] = [];

  constructor(event: TriggerEvent, triggers: readonly CompiledTrigger[]) {
    const usable = triggers.map((trigger) => ({
      trigger,
      lists: trigger.clues.filter((list) => list.every((clue) => isSeenIn(event, clue))),
    }));
    const uses = new Map<string, number>();
    for (const { lists } of usable)
      for (const name of new Set(lists.flat().map(nameOf))) uses.set(name, (uses.get(name) ?? 0) + 1);
    const weight = (list: readonly Clue[]): number =>
      list.reduce((sum, clue) => sum + (uses.get(nameOf(clue)) ?? 0), 0);
    for (const { trigger, lists } of usable) {
      // The list that the fewest others share tells most.
      const [best] = lists.toSorted((a, b) => rank(event, a) - rank(event, b) || weight(a) - weight(b));
      if (best) for (const clue of best) this.#file(trigger, clue);
      else this.#others.push(trigger);
    }
  }

  candidates(subject: KnownSubject): Set<CompiledTrigger> {
    const found = new Set(this.#others);
    for (const { read, byKey, all } of this.#drawers.values()) {
      const keys = read(subject);
      if (keys === null) for (const trigger of all) found.add(trigger);
      else for (const key of keys) for (const trigger of byKey.get(key) ?? []) found.add(trigger);
    }
    return found;
  }

  #file(trigger: CompiledTrigger, { key, ...source }: Clue): void {
    const name = sourceName(source);
    let drawer = this.#drawers.get(name);
    if (!drawer) this.#drawers.set(name, (drawer = { read: clueReader(source), byKey: new Map(), all: new Set() }));
    const own = drawer.byKey.get(key);
    if (own) own.push(trigger);
    else drawer.byKey.set(key, [trigger]);
    drawer.all.add(trigger);
  }
}

/** An event shows its own data, and the fields of the object that it changes. */
function isSeenIn(event: TriggerEvent, { of, path }: ClueSource): boolean {
  return of !== "value" || path.startsWith("event.") || path.startsWith(ownPrefix(event));
}

/** A field of an updated object is seen only where the update tells of it: such clues come last, as does the mere fact of a change. */
function rank(event: TriggerEvent, list: readonly Clue[]): number {
  const isMaybeSeen = ({ of, path }: Clue): boolean =>
    of === "value" && !path.startsWith("event.") && !event.endsWith("_CREATED");
  return list.some((clue) => clue.of === "changed" || isMaybeSeen(clue)) ? 1 : 0;
}

function ownPrefix(event: TriggerEvent): string {
  return `${event.slice(0, event.indexOf("_")).toLowerCase()}.`;
}

function sourceName({ of, path }: ClueSource): string {
  return `${of} ${path}`;
}

function nameOf(clue: Clue): string {
  return `${sourceName(clue)} ${clue.key}`;
}
