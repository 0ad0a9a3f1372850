import { expect, test } from "vitest";
import { derivedId, isId, newId } from "./ids.ts";

const at = new Date("2026-11-25T09:00:00.000Z");

test("TRG-3: the same parts give the same id, other parts another", () => {
  expect(derivedId(at, "workflow", "event")).toBe(derivedId(at, "workflow", "event"));
  expect(derivedId(at, "workflow", "event")).not.toBe(derivedId(at, "workflowe", "vent"));
});

test("API-1: ids sort by the instant they were made at", () => {
  expect(newId(at) < newId(new Date(at.getTime() + 1))).toBe(true);
  expect(newId(at).slice(0, 10)).toBe(derivedId(at, "x").slice(0, 10));
});

test("API-5: what is not an id is told apart", () => {
  expect(isId(newId(at))).toBe(true);
  for (const bad of ["", "1", "$ne", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", 7, null, { $ne: 1 }]) expect(isId(bad)).toBe(false);
});

test("RUN-4: a hundred thousand ids of one instant differ", () => {
  expect(new Set(Array.from({ length: 100_000 }, () => newId(at))).size).toBe(100_000);
});
