import { DEFAULT_GOALS, TRIGGER_EVENTS } from "@cadenza/contracts";
import type { UserError } from "@cadenza/subgraph";
import { expect, test } from "vitest";
import { contentOf } from "../../test/builders.ts";
import { readSettings, type SettingsInput } from "./settings-input.ts";

function read(input: SettingsInput, clear: string[] = [], present = contentOf()) {
  const errors: UserError[] = [];
  const settings = readSettings(present, input, clear, errors);
  return { settings, errors: errors.map(({ code, path }) => [code, path?.join(".")]) };
}

test("GOAL-1: goals that are given replace all goals: what is left out has its default, lists are empty", () => {
  const present = contentOf({ goals: { ...DEFAULT_GOALS, meetingBooked: true, leadStatusIds: ["a"] } });
  expect(read({}, [], present).settings.goals).toEqual(present.goals);
  expect(read({ goals: {} }, [], present).settings.goals).toEqual(DEFAULT_GOALS);
  const goals = { emailReply: false, smsReply: null, opportunityStatusIds: ["b", "a", "b"] };
  expect(read({ goals }, [], present).settings.goals).toEqual({
    ...DEFAULT_GOALS,
    emailReply: false,
    opportunityStatusIds: ["b", "a"],
  });
  const many = Array.from({ length: 101 }, (_, index) => String(index));
  expect(read({ goals: { leadStatusIds: many } }).errors).toEqual([["TOO_MANY", "input.goals.leadStatusIds"]]);
});

test("ENR-2: a group's name has no blanks around it, and 1 to 100 characters", () => {
  const exclusivity = (group: string, onConflict?: "SKIP" | "REPLACE") =>
    read({ exclusivity: { group, ...(onConflict ? { onConflict } : {}) } }).settings.exclusivity;
  expect(exclusivity(" sales ")).toEqual({ group: "sales", onConflict: "SKIP" });
  expect(exclusivity("x".repeat(100), "REPLACE")).toEqual({ group: "x".repeat(100), onConflict: "REPLACE" });
  const malformed = expect.objectContaining({ code: "BAD_USER_INPUT" });
  expect(() => exclusivity("  ")).toThrow(malformed);
  expect(() => exclusivity("x".repeat(101))).toThrow(malformed);
});

test("ENR-2: exclusivity is cleared by name, and not given and cleared at once", () => {
  const present = contentOf({ exclusivity: { group: "sales", onConflict: "SKIP" } });
  expect(read({}, [], present).settings.exclusivity).toEqual(present.exclusivity);
  expect(read({}, ["exclusivity"], present).settings.exclusivity).toBeNull();
  expect(read({ exclusivity: { group: "x" } }, ["exclusivity"]).errors).toEqual([["SET_AND_CLEARED", "input.clear.0"]]);
});

test.each(TRIGGER_EVENTS)(
  "TRG-1: %s says after how many days if it is for what stalled, and else does not",
  (event) => {
    const days = (stalledDays?: number | null) => {
      const { settings, errors } = read({ trigger: { event, ...(stalledDays === undefined ? {} : { stalledDays }) } });
      return errors.length > 0 ? errors[0] : settings.trigger;
    };
    const path = "input.trigger.stalledDays";
    const trigger = { event, conditions: null };
    if (event !== "OPPORTUNITY_STALLED") {
      expect(days()).toEqual({ ...trigger, stalledDays: null });
      expect(days(null)).toEqual({ ...trigger, stalledDays: null });
      expect(days(3)).toEqual(["NOT_ALLOWED", path]);
      return;
    }
    expect(days()).toEqual(["REQUIRED", path]);
    expect(days(null)).toEqual(["REQUIRED", path]);
    for (const wrong of [-1, 0, 3651]) expect(days(wrong)).toEqual(["OUT_OF_RANGE", path]);
    for (const right of [1, 3650]) expect(days(right)).toEqual({ ...trigger, stalledDays: right });
  },
);
