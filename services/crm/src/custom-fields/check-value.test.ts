import { expect, test } from "vitest";
import { checkValue } from "./check-value.ts";
import type { CustomField } from "./custom-field.ts";
import { readValue } from "./read-value.ts";

const facts = { userIds: new Set(["ada", "bob"]) };

function field(type: CustomField["type"], multiple = false): CustomField {
  const at = new Date(0);
  const what = { object: "LEAD", name: "Field", nameKey: "field", choices: ["Gold", "Silver"] } as const;
  const place = { _id: "f", organizationId: "o", version: 1, createdAt: at, updatedAt: at };
  return { ...place, ...what, choices: [...what.choices], type, multiple };
}

const value = (type: CustomField["type"], given: unknown, multiple = false) => {
  const checked = checkValue(field(type, multiple), given, facts, ["value"]);
  return checked.ok ? checked.value : checked.problems.map(({ code, path }) => `${code} ${path.join(".")}`).join();
};

test.each([
  ["TEXT", "hello", "hello"],
  ["TEXT", "", null],
  ["TEXT", 1, "INVALID_VALUE value"],
  ["TEXT", { $gt: "" }, "INVALID_VALUE value"],
  ["TEXT", "x".repeat(10_001), "TOO_LONG value"],
  ["TEXT", "a\u0000b", "INVALID_VALUE value"],
  ["NUMBER", 1.5, 1.5],
  ["NUMBER", 0, 0],
  ["NUMBER", "1.5", "INVALID_VALUE value"],
  ["NUMBER", Number.POSITIVE_INFINITY, "INVALID_VALUE value"],
  ["DATE", "2028-02-29", "2028-02-29"],
  ["DATE", "2027-02-29", "INVALID_VALUE value"],
  ["DATE", "2027-2-9", "INVALID_VALUE value"],
  ["DATETIME", "2026-11-23T10:30:00+01:00", "2026-11-23T09:30:00.000Z"],
  ["DATETIME", "2026-11-23 10:30", "INVALID_VALUE value"],
  ["DATETIME", "2026-02-30T10:30:00Z", "INVALID_VALUE value"],
  ["CHOICE", "Gold", "Gold"],
  ["CHOICE", "gold", "INVALID_CHOICE value"],
  ["CHOICE", "Lead", "INVALID_CHOICE value"],
  ["USER", "ada", "ada"],
  ["USER", "eve", "INVALID_CHOICE value"],
  ["URL", "https://a.test/x?y=1", "https://a.test/x?y=1"],
  ["URL", "ftp://a.test", "INVALID_VALUE value"],
  ["URL", "javascript:alert(1)", "INVALID_VALUE value"],
  ["URL", "https://", "INVALID_VALUE value"],
] as const)("CRM-1: a %s field takes %j as %j", (type, given, expected) => {
  expect(value(type, given)).toEqual(expected);
});

test.each([
  ["CHOICE", ["Gold", "Silver"], ["Gold", "Silver"]],
  ["CHOICE", [], null],
  ["CHOICE", "Gold", "INVALID_VALUE value"],
  ["CHOICE", ["Gold", "Gold"], "DUPLICATE value.1"],
  ["CHOICE", ["Gold", "Tin"], "INVALID_CHOICE value.1"],
  ["USER", ["ada", null], "INVALID_VALUE value.1"],
  ["DATETIME", ["2026-11-23T09:30:00Z", "2026-11-23T10:30:00+01:00"], "DUPLICATE value.1"],
  ["TEXT", Array.from({ length: 101 }, String), "TOO_MANY value"],
  ["TEXT", ["a".repeat(6000), "b".repeat(6000)], "TOO_LONG value"],
] as const)("CRM-1: a multiple %s field takes %j as %j", (type, given, expected) => {
  expect(value(type, given, true)).toEqual(expected);
});

test.each([
  ["NUMBER", " 12.5 ", 12.5],
  ["NUMBER", "1e3", 1000],
  ["NUMBER", "12 apples", "12 apples"],
  ["CHOICE", "gold", "Gold"],
  ["CHOICE", "Tin", "Tin"],
  ["USER", "Ada@Demo.test", "ada"],
  ["TEXT", " kept ", " kept "],
  ["TEXT", "  ", null],
] as const)("CRM-4: for a %s field the text %j reads as %j", (type, text, expected) => {
  const idOf = (word: string) => (word.toLowerCase() === "ada@demo.test" ? "ada" : null);
  expect(readValue(field(type), text, { idOf })).toEqual(expected);
});

test("CRM-4: a text for a multiple field is a list by semicolons, each value once", () => {
  expect(readValue(field("CHOICE", true), "gold; Silver;;Gold", { idOf: () => null })).toEqual(["Gold", "Silver"]);
});
