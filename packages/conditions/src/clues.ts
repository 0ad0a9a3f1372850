import type { Condition, ConditionTest } from "@cadenza/contracts";
import { spellingAt } from "./address-spelling.ts";
import { nodeOf } from "./condition-shape.ts";
import { equalityKeys, keyOf } from "./equality-key.ts";
import { changeAt, type KnownSubject, pathOf, UNKNOWN, valueAt } from "./known-subject.ts";

/** Where a clue is looked for: at the path's value, or at its change in the event. */
export type ClueSource = { of: "value" | "changed" | "changedTo" | "changedFrom"; path: string };
/** Something that is seen of a subject or not: one of the keys that a `clueReader` finds. */
export type Clue = ClueSource & { key: string };

const MAX_CLUES = 200;
const MAX_LEVELS = 100;
const ANY_CHANGE = "*";

/**
 * What must be seen of a subject for a condition to hold of it. Each of the lists is enough for itself: where the condition
 * holds, at least one clue of the list is seen. Empty where nothing can be said, as with a condition that only compares.
 */
export function cluesOf(condition: Condition): Clue[][] {
  return read(condition, false, 1);
}

/** Reads a source once, to be looked at often: the keys that are seen there, or null where that is not known yet. */
export function clueReader({ of, path: text }: ClueSource): (subject: KnownSubject) => string[] | null {
  const path = pathOf(text);
  const spelled = spellingAt(text);
  if (of === "value")
    return (subject) => {
      const value = valueAt(path, subject);
      return value === UNKNOWN ? null : equalityKeys(spelled(value));
    };
  return (subject) => {
    const change = changeAt(path, subject);
    if (change === UNKNOWN) return null;
    if (change === null) return [];
    if (of === "changed") return [ANY_CHANGE];
    return equalityKeys(spelled(of === "changedTo" ? change.after : change.before));
  };
}

/** @param isNegated whether the condition stands under an odd number of nots: the others are told by De Morgan's laws. */
function read(condition: Condition, isNegated: boolean, level: number): Clue[][] {
  const node = level > MAX_LEVELS ? null : nodeOf(condition);
  if (!node) return [];
  switch (node.kind) {
    case "not":
      return read(node.of as Condition, !isNegated, level + 1);
    case "test":
      return readTest(node.test, isNegated);
    case "all":
    case "any": {
      const parts = node.of.map((part) => read(part as Condition, isNegated, level + 1));
      return (node.kind === "all") === isNegated ? oneOf(parts) : parts.flat();
    }
  }
}

/** Where one part is enough, a clue of any part will do; a part without clues may hold unseen. */
function oneOf(parts: readonly Clue[][][]): Clue[][] {
  const shortest = parts.map((lists) => lists.toSorted((a, b) => a.length - b.length)[0]);
  if (shortest.some((list) => !list)) return [];
  const clues = shortest.flatMap((list) => list ?? []);
  return clues.length > 0 && clues.length <= MAX_CLUES ? [clues] : [];
}

function readTest({ path, op, value: given }: ConditionTest, isNegated: boolean): Clue[][] {
  const value = spellingAt(path)(given);
  switch (op) {
    case "EQUALS":
      return isNegated ? [] : equalTo({ of: "value", path }, value);
    case "NOT_EQUALS":
      return isNegated ? equalTo({ of: "value", path }, value) : [];
    case "IN":
      return isNegated ? [] : amongst({ of: "value", path }, value);
    case "NOT_IN":
      return isNegated ? amongst({ of: "value", path }, value) : [];
    case "CHANGED":
      return isNegated ? [] : [[{ of: "changed", path, key: ANY_CHANGE }]];
    case "CHANGED_TO":
      return isNegated ? [] : equalTo({ of: "changedTo", path }, value);
    case "CHANGED_FROM":
      return isNegated ? [] : equalTo({ of: "changedFrom", path }, value);
    default:
      return [];
  }
}

/** A list equals another of the same entries: each of them is seen, and the first says as much as any. */
function equalTo(source: ClueSource, value: unknown): Clue[][] {
  const key = keyOf(Array.isArray(value) ? value[0] : value);
  return key === null ? [] : [[{ ...source, key }]];
}

function amongst(source: ClueSource, value: unknown): Clue[][] {
  const keys = (Array.isArray(value) ? value : [value]).map(keyOf);
  if (keys.length === 0 || keys.length > MAX_CLUES || keys.includes(null)) return [];
  return [keys.map((key): Clue => ({ ...source, key: key ?? "" }))];
}
