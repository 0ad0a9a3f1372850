import type { ConditionOp } from "@cadenza/contracts";
import type { Document } from "@cadenza/storage";
import { Decimal } from "decimal.js";
import { isStorable } from "../values/text.ts";
import { momentFilter } from "./moment-filter.ts";
import { isoText } from "./iso-text.ts";
import type { StoredField, StoredKind } from "./stored-field.ts";
import { patternOf } from "./text-pattern.ts";

/** What one test of a condition is in the database; means exactly what `evaluate` does. */
export function testFilter(field: StoredField, op: ConditionOp, value: unknown, now: Date): Document {
  const { name, kind } = field;
  switch (op) {
    case "EQUALS":
      return field.multiple ? sameSet(field, value as unknown[]) : among(field, [value]);
    case "IN":
      return among(field, value as unknown[]);
    case "CONTAINS":
      return field.multiple ? among(field, [value]) : containing(name, value as string);
    case "IS_EMPTY":
      return empty(field);
    case "GREATER_THAN":
    case "LESS_THAN":
      return { [name]: beyond(op, value as number | string) };
    case "BEFORE":
    case "AFTER":
    case "WITHIN_LAST_DAYS":
      return { [name]: momentFilter(kind as "DATE" | "DATETIME" | "STAMP", op, value, now) };
    case "NOT_EQUALS":
    case "NOT_IN":
    case "NOT_CONTAINS":
    case "IS_NOT_EMPTY":
      return { $nor: [testFilter(field, OPPOSITES[op], value, now)] };
    default:
      throw new Error(`A filter with ${op} has not been checked.`);
  }
}

const OPPOSITES = {
  NOT_EQUALS: "EQUALS",
  NOT_IN: "IN",
  NOT_CONTAINS: "CONTAINS",
  IS_NOT_EMPTY: "IS_EMPTY",
} as const;

const NOTHING: Document = { _id: { $in: [] } };

/** A list without entries is stored as none at all. */
function empty({ name, multiple }: StoredField): Document {
  return { [name]: { $in: multiple ? [null, []] : [null, ""] } };
}

function among(field: StoredField, values: readonly unknown[]): Document {
  const stored = values.flatMap((value) => storedValue(field.kind, value) ?? []);
  return stored.length > 0 ? { [entriesOf(field)]: { $in: stored } } : NOTHING;
}

/** The same entries, in any order. */
function sameSet(field: StoredField, values: readonly unknown[]): Document {
  if (values.length === 0) return empty(field);
  const stored = values.flatMap((value) => storedValue(field.kind, value) ?? []);
  if (stored.length < values.length) return NOTHING;
  const other = field.entry === null ? { $nin: stored } : { [field.entry]: { $nin: stored } };
  return { [entriesOf(field)]: { $all: stored }, $nor: [{ [field.name]: { $elemMatch: other } }] };
}

function containing(name: string, text: string): Document {
  return isStorable(text) ? { [name]: { $regex: patternOf(text) } } : NOTHING;
}

function entriesOf({ name, entry }: StoredField): string {
  return entry === null ? name : `${name}.${entry}`;
}

/** A value as it is stored; null where nothing that is stored can equal it. */
function storedValue(kind: StoredKind, value: unknown): string | number | Date | RegExp | null {
  switch (kind) {
    case "ADDRESS":
      return isStorable(value as string) ? new RegExp(`^${patternOf(value as string)}$`) : null;
    case "TEXT":
      return isStorable(value as string) ? (value as string) : null;
    case "NUMBER": {
      const nearest = Number(value);
      return new Decimal(nearest).equals(value as number | string) ? nearest : null;
    }
    case "DATE":
      return value as string;
    case "DATETIME":
      return isoText(Date.parse(value as string)).exact;
    case "STAMP":
      return new Date(value as string);
  }
}

/**
 * A stored number stands for the shortest decimal that reads as it, as everywhere in JavaScript. Those decimals are in the
 * order of the numbers, so only the number nearest to the bound is looked at closely.
 */
function beyond(op: "GREATER_THAN" | "LESS_THAN", bound: number | string): Document {
  const nearest = Number(bound);
  const order = new Decimal(nearest).comparedTo(bound);
  if (op === "GREATER_THAN") return order > 0 ? { $gte: nearest } : { $gt: nearest };
  return order < 0 ? { $lte: nearest } : { $lt: nearest };
}
