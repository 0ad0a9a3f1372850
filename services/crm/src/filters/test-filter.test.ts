import type { ConditionOp } from "@cadenza/contracts";
import { expect, test } from "vitest";
import type { StoredField, StoredKind } from "./stored-field.ts";
import { testFilter } from "./test-filter.ts";
import { patternOf } from "./text-pattern.ts";

const now = new Date("2026-01-05T09:00:00.000Z");
const field = (kind: StoredKind): StoredField => ({ name: "f", kind, multiple: false, entry: null });

const bounds: [StoredKind, ConditionOp, unknown, object][] = [
  ["NUMBER", "GREATER_THAN", "0.1", { $gt: 0.1 }],
  // The stored number nearest to the bound is 0.1, which lies above it.
  ["NUMBER", "GREATER_THAN", "0.09999999999999999999", { $gte: 0.1 }],
  ["NUMBER", "LESS_THAN", "0.09999999999999999999", { $lt: 0.1 }],
  ["NUMBER", "LESS_THAN", "0.10000000000000000001", { $lte: 0.1 }],
  ["NUMBER", "GREATER_THAN", "0.10000000000000000001", { $gt: 0.1 }],
  ["DATE", "BEFORE", { days: 1 }, { $lt: "2026-01-06" }],
  ["STAMP", "AFTER", "2026-01-05", { $gte: new Date("2026-01-06T00:00:00.000Z") }],
  ["DATETIME", "AFTER", "2026-01-05T10:00:00+01:00", { $gt: "2026-01-05T09:00:00.000Z" }],
];
test.each(bounds)("TRG-2: %s %s %j keeps to its bound", (kind, op, value, expected) => {
  expect(testFilter(field(kind), op, value, now)).toEqual({ f: expected });
});

test("TRG-2: a number that no stored one equals is found nowhere", () => {
  expect(testFilter(field("NUMBER"), "EQUALS", "0.10000000000000000001", now)).toEqual({ _id: { $in: [] } });
  expect(testFilter(field("NUMBER"), "EQUALS", "12.50", now)).toEqual({ f: { $in: [12.5] } });
});

test("TRG-2: a text is looked for letter by letter, never as a pattern", () => {
  expect(patternOf("a.*[b]$")).toMatch(/^\[aA\]\\\.\\\*\\\[\[bB\]\\\]\\\$$/);
  expect(patternOf("İ")).toBe(patternOf("i"));
  expect(patternOf("ς")).toBe(patternOf("Σ"));
});
