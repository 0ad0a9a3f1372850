import type { Condition, ConditionTest } from "@cadenza/contracts";
import { nodeOf } from "./condition-shape.ts";
import type { ConditionSubject } from "./condition-subject.ts";
import { changeOf, eventValue, type Side, valueOf } from "./field-value.ts";
import { compareNumbers, compareToMoment, contains, isEmpty, isEqual, isIn, isWithinLastDays } from "./values.ts";

/** What is known of a subject so far: what is left out may still turn out to be anything. */
export type KnownSubject = Partial<ConditionSubject>;

/**
 * Whether a condition holds. The condition must have passed `checkCondition`; what is malformed all the same holds for nothing.
 * @param now for moments that are relative to it.
 */
export function evaluate(condition: Condition, subject: ConditionSubject, now: Date): boolean {
  return judge(condition, subject, now) === true;
}

/**
 * The same with part of the subject known: true or false where the rest cannot change it, else undefined. With the event
 * alone, most events that start nothing are told apart before anything is read.
 */
export function judge(condition: Condition, subject: KnownSubject, now: Date): boolean | undefined {
  const node = nodeOf(condition);
  if (!node) return false;
  switch (node.kind) {
    case "all":
      return join(node.of, subject, now, false);
    case "any":
      return join(node.of, subject, now, true);
    case "not": {
      const inner = judge(node.of as Condition, subject, now);
      return inner === undefined ? undefined : !inner;
    }
    case "test":
      return holds(node.test, subject, now);
  }
}

/** `all` is decided by one false, `any` by one true. */
function join(of: readonly unknown[], subject: KnownSubject, now: Date, decisive: boolean): boolean | undefined {
  let isOpen = false;
  for (const condition of of) {
    const result = judge(condition as Condition, subject, now);
    if (result === decisive) return decisive;
    if (result === undefined) isOpen = true;
  }
  return isOpen ? undefined : !decisive;
}

function holds(test: ConditionTest, subject: KnownSubject, now: Date): boolean | undefined {
  const { op, value } = test;
  if (op === "CHANGED" || op === "CHANGED_TO" || op === "CHANGED_FROM") return hasChanged(test, subject);
  const actual = actualOf(test.path, subject);
  if (actual === UNKNOWN) return undefined;
  switch (op) {
    case "EQUALS":
      return isEqual(actual, value);
    case "NOT_EQUALS":
      return !isEqual(actual, value);
    case "IN":
      return isIn(actual, value);
    case "NOT_IN":
      return !isIn(actual, value);
    case "CONTAINS":
      return contains(actual, value);
    case "NOT_CONTAINS":
      return !contains(actual, value);
    case "IS_EMPTY":
      return isEmpty(actual);
    case "IS_NOT_EMPTY":
      return !isEmpty(actual);
    case "GREATER_THAN":
      return compareNumbers(actual, value) === 1;
    case "LESS_THAN":
      return compareNumbers(actual, value) === -1;
    case "BEFORE":
      return compareToMoment(actual, value, now) === -1;
    case "AFTER":
      return compareToMoment(actual, value, now) === 1;
    case "WITHIN_LAST_DAYS":
      return isWithinLastDays(actual, value, now);
  }
}

const UNKNOWN = Symbol("not known yet");

function actualOf(path: string, subject: KnownSubject): unknown {
  const [side, field] = splitPath(path);
  if (side === "event") {
    if (subject.event === undefined) return UNKNOWN;
    if (!subject.event) return null;
    return field === "user" ? subject.event.user : eventValue(subject.event, field.slice("data.".length));
  }
  const object = subject[side];
  return object === undefined ? UNKNOWN : valueOf(side, object, field);
}

/** `event.data.status` and, for an event of the lead, `lead.status` speak of the same change. */
function hasChanged({ path, op, value }: ConditionTest, subject: KnownSubject): boolean | undefined {
  if (subject.event === undefined) return undefined;
  if (!subject.event) return false;
  const [side, field] = splitPath(path);
  if (side !== "event" && subject.event.object !== side.toUpperCase()) return false;
  const change = changeOf(subject.event, side === "event" ? field.slice("data.".length) : field);
  if (!change || isEqual(change.before, change.after)) return false;
  if (op === "CHANGED") return true;
  return isEqual(op === "CHANGED_TO" ? change.after : change.before, value);
}

function splitPath(path: string): [Side | "event", string] {
  const dot = path.indexOf(".");
  return [path.slice(0, dot) as Side | "event", path.slice(dot + 1)];
}
