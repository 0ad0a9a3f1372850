import type { ConditionOp } from "@cadenza/contracts";
import { isRecord } from "./condition-shape.ts";
import type { FieldType, ValueType } from "./field-type.ts";
import { isDate, isInstant, isNumeric } from "./values.ts";

const MAX_TEXT = 1000;
const MAX_LIST = 200;
/** A hundred years. */
const MAX_DAYS = 36_500;

const EVERY: readonly ValueType[] = ["TEXT", "NUMBER", "DATE", "DATETIME", "ID", "ANY"];
const IN_TIME: readonly ValueType[] = ["DATE", "DATETIME", "ANY"];

/** Which types an operator is for, and what value it takes there. `multiple`: whether it is for lists too. */
type OperatorRule = {
  types: readonly ValueType[];
  multiple: boolean;
  history?: boolean;
  takes: "nothing" | "same" | "one" | "some" | "moment" | "days";
};

export const OPERATOR_RULES: Record<ConditionOp, OperatorRule> = {
  EQUALS: { types: EVERY, multiple: true, takes: "same" },
  NOT_EQUALS: { types: EVERY, multiple: true, takes: "same" },
  IN: { types: EVERY, multiple: true, takes: "some" },
  NOT_IN: { types: EVERY, multiple: true, takes: "some" },
  CONTAINS: { types: EVERY, multiple: true, takes: "one" },
  NOT_CONTAINS: { types: EVERY, multiple: true, takes: "one" },
  IS_EMPTY: { types: EVERY, multiple: true, takes: "nothing" },
  IS_NOT_EMPTY: { types: EVERY, multiple: true, takes: "nothing" },
  GREATER_THAN: { types: ["NUMBER", "ANY"], multiple: false, takes: "one" },
  LESS_THAN: { types: ["NUMBER", "ANY"], multiple: false, takes: "one" },
  BEFORE: { types: IN_TIME, multiple: false, takes: "moment" },
  AFTER: { types: IN_TIME, multiple: false, takes: "moment" },
  WITHIN_LAST_DAYS: { types: IN_TIME, multiple: false, takes: "days" },
  CHANGED: { types: EVERY, multiple: true, history: true, takes: "nothing" },
  CHANGED_TO: { types: EVERY, multiple: true, history: true, takes: "same" },
  CHANGED_FROM: { types: EVERY, multiple: true, history: true, takes: "same" },
};

/** Whether the operator looks at what a field was before. */
export function needsHistory(op: ConditionOp): boolean {
  return OPERATOR_RULES[op].history === true;
}

/** Whether the operator makes sense for the field. */
export function allows(op: ConditionOp, field: FieldType): boolean {
  const rule = OPERATOR_RULES[op];
  if (rule.history && !field.hasHistory) return false;
  if ((op === "CONTAINS" || op === "NOT_CONTAINS") && !field.multiple && field.type !== "TEXT" && field.type !== "ANY")
    return false;
  return rule.types.includes(field.type) && (rule.multiple || !field.multiple);
}

/** What was expected where `value` is not it; null where it is. */
export function faultOfValue(op: ConditionOp, field: FieldType, value: unknown): string | null {
  switch (OPERATOR_RULES[op].takes) {
    case "nothing":
      return value === undefined || value === null ? null : "takes no value";
    case "days":
      return isDays(value) && value >= 0 ? null : `takes a whole number of days from 0 to ${MAX_DAYS}`;
    case "moment":
      return isMoment(value) ? null : "takes a date (2026-12-25), an instant (2026-12-25T09:00:00Z) or {days: -3}";
    case "some":
      return isListOf(field.type, value) && value.length > 0
        ? null
        : `takes a list of 1 to ${MAX_LIST} ${SEVERAL[field.type]}`;
    case "one":
      return isOf(op === "GREATER_THAN" || op === "LESS_THAN" ? "NUMBER" : field.type, value)
        ? null
        : `takes ${nameOf(op, field)}`;
    case "same":
      if (field.multiple)
        return isListOf(field.type, value)
          ? null
          : `takes a list of up to ${MAX_LIST} ${SEVERAL[field.type]}, because the field holds several`;
      return isOf(field.type, value) || (field.type === "ANY" && isListOf("ANY", value))
        ? null
        : `takes ${ONE[field.type]}; use IS_EMPTY for none`;
  }
}

const ONE: Record<ValueType, string> = {
  TEXT: "a text",
  NUMBER: "a number",
  DATE: "a date (2026-12-25)",
  DATETIME: "an instant (2026-12-25T09:00:00Z)",
  ID: "an id or a choice",
  ANY: "a text, number or boolean",
};
const SEVERAL: Record<ValueType, string> = {
  TEXT: "texts",
  NUMBER: "numbers",
  DATE: "dates (2026-12-25)",
  DATETIME: "instants (2026-12-25T09:00:00Z)",
  ID: "ids or choices",
  ANY: "texts, numbers or booleans",
};

function nameOf(op: ConditionOp, field: FieldType): string {
  return op === "GREATER_THAN" || op === "LESS_THAN" ? ONE.NUMBER : ONE[field.type];
}

function isOf(type: ValueType, value: unknown): boolean {
  switch (type) {
    case "TEXT":
    case "ID":
      return typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT;
    case "NUMBER":
      return isNumeric(value);
    case "DATE":
      return isDate(value);
    case "DATETIME":
      return isInstant(value);
    case "ANY":
      return (
        typeof value === "boolean" ||
        isNumeric(value) ||
        (typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT)
      );
  }
}

function isListOf(type: ValueType, value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= MAX_LIST && value.every((entry) => isOf(type, entry));
}

function isDays(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= MAX_DAYS;
}

function isMoment(value: unknown): boolean {
  if (isRecord(value)) return Object.keys(value).length === 1 && isDays(value["days"]);
  return isDate(value) || isInstant(value);
}
