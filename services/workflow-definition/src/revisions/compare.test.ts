import { DEFAULT_GOALS, type Step } from "@cadenza/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { contentOf, idOf, placesOf, stepNamed } from "../../test/builders.ts";
import {
  assignUser,
  call,
  createOpportunity,
  email,
  groupsNamed,
  sms,
  updateOpportunity,
} from "../../test/validation-builders.ts";
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

const changedSettings: [string, Step, Step, string[]][] = [
  [
    "an email",
    email(),
    email({ sender: groupsNamed("sales"), sendMode: "DRAFT", replyInThread: true }),
    ["email.sender", "email.sendMode", "email.replyInThread"],
  ],
  ["an SMS", sms(), sms({ templateId: idOf("other"), ignoreSchedule: true }), ["sms.templateId", "sms.ignoreSchedule"]],
  ["a call", call(), call({ note: "n", optionalAfterDays: 3 }), ["call.note", "call.optionalAfterDays"]],
  [
    "an assignment",
    assignUser(),
    assignUser({ userId: null, groupIds: [idOf("sales")], strategy: "ROUND_ROBIN" }),
    ["assignUser.userId", "assignUser.groupIds", "assignUser.strategy"],
  ],
  [
    "a new opportunity",
    createOpportunity(),
    createOpportunity({ field: "note", value: "x" }),
    ["createOpportunity.fields"],
  ],
  [
    "an opportunity",
    updateOpportunity({ field: "note", value: "x" }),
    { ...updateOpportunity({ field: "note", aiEnrich: true }), target: "OLDEST", overwrite: false } as Step,
    ["updateOpportunity.target", "updateOpportunity.fields", "updateOpportunity.overwrite"],
  ],
];
test.each(changedSettings)("WF-3: every changed setting of %s shows", (_, before, after, fields) => {
  const changes = compare(contentOf({ places: placesOf(before) }), contentOf({ places: placesOf(after) }));
  expect(changes.map(({ field }) => field)).toEqual(fields);
});

test("WF-3: changed goals, exclusivity and stalled days show", () => {
  const stalled = (stalledDays: number) => ({ event: "OPPORTUNITY_STALLED" as const, conditions: null, stalledDays });
  const before = contentOf({ trigger: stalled(3) });
  const goals = { ...DEFAULT_GOALS, leadStatusIds: ["x"] };
  const after = contentOf({ trigger: stalled(4), goals, exclusivity: { group: "sales", onConflict: "SKIP" } });
  const changes = compare(before, after);
  expect(changes.map(({ field }) => field).sort()).toEqual(["exclusivity", "goals", "trigger"]);
  expect(changes.find(({ field }) => field === "goals")).toMatchObject({ before: DEFAULT_GOALS, after: goals });
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
