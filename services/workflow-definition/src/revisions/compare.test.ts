import fc from "fast-check";
import { expect, test } from "vitest";
import { contentOf, idOf, placesOf, stepNamed } from "../../test/builders.ts";
import { compare, type RevisionChange } from "./compare.ts";

const named = (...names: string[]) => contentOf({ places: placesOf(...names.map((name) => stepNamed(name))) });
const told = (changes: RevisionChange[]) => {
  const names = new Map(["A", "B", "C", "D"].map((name) => [idOf(name), name]));
  return changes.map(({ kind, stepId, field }) => [kind, stepId && names.get(stepId), field]);
};

const cases: [string, string[], string[], unknown[]][] = [
  ["nothing", ["A", "B"], ["A", "B"], []],
  ["an added step", ["A"], ["A", "B"], [["ADDED", "B", null]]],
  ["a removed step", ["A", "B"], ["A"], [["REMOVED", "B", null]]],
  ["one moved step, not all that it passed", ["A", "B", "C", "D"], ["B", "C", "D", "A"], [["MOVED", "A", "position"]]],
  [
    "a step in another's place",
    ["A", "B"],
    ["C", "B"],
    [
      ["REMOVED", "A", null],
      ["ADDED", "C", null],
    ],
  ],
];
test.each(cases)("WF-3: comparing tells of %s", (_, from, to, expected) => {
  expect(told(compare(named(...from), named(...to)))).toEqual(expected);
});

test("WF-3: changed settings and fields come with before and after, in the shape of their input", () => {
  const before = contentOf({ places: placesOf(stepNamed("A")) });
  const after = contentOf({
    name: "Renamed",
    places: placesOf({
      ...stepNamed("A", { amount: 2, unit: "DAY" }),
      fields: [{ field: "url", value: null, template: "x" }],
    } as never),
  });
  expect(compare(before, after)).toEqual([
    { kind: "CHANGED", stepId: null, field: "name", before: "Outreach", after: "Renamed" },
    {
      kind: "CHANGED",
      stepId: idOf("A"),
      field: "delay",
      before: { amount: 0, unit: "MINUTE" },
      after: { amount: 2, unit: "DAY" },
    },
    {
      kind: "CHANGED",
      stepId: idOf("A"),
      field: "updateLead.fields",
      before: [{ field: "description", value: "A" }],
      after: [{ field: "url", template: "x" }],
    },
  ]);
});

test("WF-3: nothing differs from itself, and steps that did not move are not named", () => {
  const names = fc.shuffledSubarray(["A", "B", "C", "D", "E", "F"]);
  fc.assert(
    fc.property(names, names, (from, to) => {
      expect(compare(named(...from), named(...from))).toEqual([]);
      const moved = new Set(
        compare(named(...from), named(...to))
          .filter(({ kind }) => kind === "MOVED")
          .map(({ stepId }) => stepId),
      );
      const isStill = (name: string): boolean => !moved.has(idOf(name));
      const [before, after] = [from.filter((name) => to.includes(name)), to.filter((name) => from.includes(name))];
      expect(after.filter(isStill)).toEqual(before.filter(isStill));
    }),
  );
});
