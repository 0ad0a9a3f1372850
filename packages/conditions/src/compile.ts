import type { Condition, ConditionOp, ConditionTest } from "@cadenza/contracts";
import { spellingAt } from "./address-spelling.ts";
import { nodeOf } from "./condition-shape.ts";
import { changeAt, type KnownSubject, pathOf, UNKNOWN, valueAt } from "./known-subject.ts";
import { compareNumbers, compareToMoment, contains, isEmpty, isEqual, isIn, isWithinLastDays } from "./values.ts";

/**
 * Whether a condition holds of what is known: true or false where the rest cannot change it, else undefined.
 * @param now for moments that are relative to it.
 */
export type Judgement = (subject: KnownSubject, now: Date) => boolean | undefined;

/** Far more than `checkCondition` lets pass; keeps a condition that was never checked from filling the stack. */
const MAX_LEVELS = 100;

/**
 * Reads a condition once, to be judged often. The condition must have passed `checkCondition`; what is malformed all the
 * same holds for nothing.
 */
export function compile(condition: Condition): Judgement {
  return read(condition, 1);
}

function read(condition: Condition, level: number): Judgement {
  const node = level > MAX_LEVELS ? null : nodeOf(condition);
  if (!node) return never;
  switch (node.kind) {
    case "all":
      return join(
        node.of.map((part) => read(part as Condition, level + 1)),
        false,
      );
    case "any":
      return join(
        node.of.map((part) => read(part as Condition, level + 1)),
        true,
      );
    case "not":
      return negate(read(node.of as Condition, level + 1));
    case "test":
      return readTest(node.test);
  }
}

function never(): false {
  return false;
}

function negate(inner: Judgement): Judgement {
  return (subject, now) => {
    const result = inner(subject, now);
    return result === undefined ? undefined : !result;
  };
}

/** `all` is decided by one false, `any` by one true. */
function join(parts: readonly Judgement[], decisive: boolean): Judgement {
  return (subject, now) => {
    let isOpen = false;
    for (const part of parts) {
      const result = part(subject, now);
      if (result === decisive) return decisive;
      if (result === undefined) isOpen = true;
    }
    return isOpen ? undefined : !decisive;
  };
}

type HistoryOp = Extract<ConditionOp, `CHANGED${string}`>;
type PresentOp = Exclude<ConditionOp, HistoryOp>;

function readTest({ path: text, op, value: given }: ConditionTest): Judgement {
  const path = pathOf(text);
  const spelled = spellingAt(text);
  const value = spelled(given);
  if (isHistoryOp(op))
    return (subject) => {
      const change = changeAt(path, subject);
      if (change === UNKNOWN) return undefined;
      if (change === null) return false;
      return op === "CHANGED" || isEqual(spelled(op === "CHANGED_TO" ? change.after : change.before), value);
    };
  const holds = Object.hasOwn(HOLDS, op) ? HOLDS[op] : never;
  return (subject, now) => {
    const actual = valueAt(path, subject);
    return actual === UNKNOWN ? undefined : holds(spelled(actual), value, now);
  };
}

function isHistoryOp(op: ConditionOp): op is HistoryOp {
  return op === "CHANGED" || op === "CHANGED_TO" || op === "CHANGED_FROM";
}

const HOLDS: Record<PresentOp, (actual: unknown, value: unknown, now: Date) => boolean> = {
  EQUALS: isEqual,
  NOT_EQUALS: (actual, value) => !isEqual(actual, value),
  IN: isIn,
  NOT_IN: (actual, value) => !isIn(actual, value),
  CONTAINS: contains,
  NOT_CONTAINS: (actual, value) => !contains(actual, value),
  IS_EMPTY: isEmpty,
  IS_NOT_EMPTY: (actual) => !isEmpty(actual),
  GREATER_THAN: (actual, value) => compareNumbers(actual, value) === 1,
  LESS_THAN: (actual, value) => compareNumbers(actual, value) === -1,
  BEFORE: (actual, value, now) => compareToMoment(actual, value, now) === -1,
  AFTER: (actual, value, now) => compareToMoment(actual, value, now) === 1,
  WITHIN_LAST_DAYS: isWithinLastDays,
};
