import type { ConditionOp, CustomFieldView } from "@cadenza/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkCondition, MAX_DEPTH, MAX_NODES } from "./check-condition.ts";

const field = (
  id: string,
  type: CustomFieldView["type"],
  multiple = false,
  object: CustomFieldView["object"] = "LEAD",
): CustomFieldView => {
  return { id, object, name: id, type, multiple, choices: [] };
};
const customFields = [
  field("text", "TEXT"),
  field("size", "NUMBER"),
  field("on", "DATE"),
  field("at", "DATETIME"),
  field("tags", "CHOICE", true),
  field("owner", "USER"),
  field("site", "URL"),
  field("rank", "NUMBER", false, "CONTACT"),
];
const faultsOf = (condition: unknown) => checkCondition(condition, { customFields });
const test_ = (path: string, op: string, value?: unknown) => ({ test: { path, op, value } });

const GOOD: [string, ConditionOp, unknown][] = [
  ["lead.name", "EQUALS", "x"],
  ["lead.custom.text", "CONTAINS", "x"],
  ["lead.custom.size", "GREATER_THAN", 3],
  ["lead.custom.size", "LESS_THAN", "3.5"],
  ["lead.custom.on", "BEFORE", "2026-12-25"],
  ["lead.custom.on", "AFTER", { days: -3 }],
  ["lead.custom.at", "AFTER", "2026-12-25T09:00:00Z"],
  ["lead.custom.at", "WITHIN_LAST_DAYS", 7],
  ["lead.custom.tags", "EQUALS", ["a", "b"]],
  ["lead.custom.tags", "CONTAINS", "a"],
  ["lead.custom.tags", "IN", ["a"]],
  ["lead.custom.owner", "EQUALS", "U"],
  ["contact.custom.rank", "EQUALS", 1],
  ["contact.emails", "CONTAINS", "a@b.example"],
  ["opportunity.value", "GREATER_THAN", "1000.00"],
  ["event.data.status", "CHANGED_TO", "S"],
  ["event.data.custom.tags", "CHANGED", undefined],
  ["event.data.answer.choice", "EQUALS", true],
  ["event.user", "IS_EMPTY", null],
];

test.each(GOOD)("TRG-2: %s %s %j is right", (path, op, value) => {
  expect(faultsOf(test_(path, op, value))).toEqual([]);
});

const BAD: [string, string, unknown, string, string][] = [
  ["lead.colour", "EQUALS", "x", "UNKNOWN_PATH", "path"],
  ["user.name", "EQUALS", "x", "UNKNOWN_PATH", "path"],
  ["lead", "EQUALS", "x", "UNKNOWN_PATH", "path"],
  ["event.data.__proto__", "EQUALS", "x", "UNKNOWN_PATH", "path"],
  ["event.data.$where", "EQUALS", "x", "UNKNOWN_PATH", "path"],
  ["lead.toString", "IS_EMPTY", undefined, "UNKNOWN_PATH", "path"],
  ["lead.custom.nothing", "EQUALS", "x", "UNKNOWN_CUSTOM_FIELD", "path"],
  ["lead.custom.rank", "EQUALS", 1, "CUSTOM_FIELD_OF_OTHER_OBJECT", "path"],
  ["lead.name", "LIKE", "x", "UNKNOWN_OPERATOR", "op"],
  ["lead.name", "GREATER_THAN", 3, "OPERATOR_NOT_ALLOWED", "op"],
  ["lead.custom.size", "CONTAINS", 3, "OPERATOR_NOT_ALLOWED", "op"],
  ["lead.custom.text", "BEFORE", "2026-12-25", "OPERATOR_NOT_ALLOWED", "op"],
  ["lead.createdAt", "CHANGED", undefined, "OPERATOR_NOT_ALLOWED", "op"],
  ["event.user", "CHANGED_TO", "U", "OPERATOR_NOT_ALLOWED", "op"],
  ["lead.name", "EQUALS", 3, "VALUE_NOT_ALLOWED", "value"],
  ["lead.name", "EQUALS", null, "VALUE_NOT_ALLOWED", "value"],
  ["lead.name", "IN", "x", "VALUE_NOT_ALLOWED", "value"],
  ["lead.name", "IN", [], "VALUE_NOT_ALLOWED", "value"],
  ["lead.name", "IS_EMPTY", "x", "VALUE_NOT_ALLOWED", "value"],
  ["lead.custom.size", "EQUALS", "many", "VALUE_NOT_ALLOWED", "value"],
  ["lead.custom.tags", "EQUALS", "a", "VALUE_NOT_ALLOWED", "value"],
  ["lead.custom.on", "BEFORE", "2026-02-30", "VALUE_NOT_ALLOWED", "value"],
  ["lead.custom.on", "BEFORE", { days: "3" }, "VALUE_NOT_ALLOWED", "value"],
  ["lead.custom.on", "BEFORE", { days: 1, hours: 2 }, "VALUE_NOT_ALLOWED", "value"],
  ["lead.custom.on", "WITHIN_LAST_DAYS", -1, "VALUE_NOT_ALLOWED", "value"],
  ["event.data.x", "EQUALS", { $gt: "" }, "VALUE_NOT_ALLOWED", "value"],
];

test.each(BAD)("TRG-2: %s %s %j is refused with %s", (path, op, value, code, at) => {
  expect(faultsOf({ all: [{ not: test_(path, op, value) }] })).toMatchObject([
    { code, path: ["all", "0", "not", "test", at] },
  ]);
});

test.each([
  null,
  3,
  "x",
  [],
  {},
  { all: [] },
  { any: "x" },
  { all: [], any: [] },
  { test: {} },
  { test: { path: "lead.name" } },
  { not: null, what: 1 },
])("TRG-2: %j is not a condition", (value) => {
  expect(faultsOf(value)).toMatchObject([{ code: "CONDITION_SHAPE" }]);
});

test("TRG-2: keys that are null count as left out", () => {
  expect(faultsOf({ all: null, any: null, not: null, test: { path: "lead.name", op: "EQUALS", value: "x" } })).toEqual(
    [],
  );
});

test("TRG-2: a tree of ten thousand parts or of eleven levels is one fault, found at once", () => {
  const one = test_("lead.name", "EQUALS", "x");
  expect(faultsOf({ all: Array.from({ length: 10_000 }, () => one) })).toMatchObject([{ code: "CONDITION_TOO_LARGE" }]);
  expect(faultsOf({ all: Array.from({ length: MAX_NODES - 1 }, () => one) })).toEqual([]);
  const nested = (depth: number): unknown => (depth === 1 ? one : { not: nested(depth - 1) });
  expect(faultsOf(nested(MAX_DEPTH))).toEqual([]);
  expect(faultsOf(nested(MAX_DEPTH + 1))).toMatchObject([{ code: "CONDITION_TOO_DEEP" }]);
  expect(faultsOf(nested(5000))).toMatchObject([{ code: "CONDITION_TOO_DEEP" }]);
});

test("API-5: any value whatever is answered with faults, never with an exception", () => {
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (value) => void faultsOf(value)));
  fc.assert(
    fc.property(fc.anything(), fc.string(), fc.string(), (value, path, op) => void faultsOf(test_(path, op, value))),
  );
});
