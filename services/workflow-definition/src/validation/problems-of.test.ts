import { DEFAULT_GOALS, type Trigger } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { contentOf, idOf, placesOf, stepNamed } from "../../test/builders.ts";
import * as steps from "../../test/validation-builders.ts";
import { problemsIn } from "../../test/validation-builders.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { referenceIdsOf } from "./reference-ids.ts";

const schedule = {
  zoneMode: "WORKFLOW",
  timeZone: "Europe/Berlin",
  ranges: [],
  blackoutDates: [],
  blackoutCalendarIds: [],
} satisfies WorkflowContent["schedule"];
const trigger = (event: Trigger["event"], conditions: Trigger["conditions"] = null): Trigger => {
  return { event, conditions, stalledDays: null };
};

const settings: [string, Partial<WorkflowContent>, string, string][] = [
  ["no steps", { places: [] }, "NO_STEPS", "steps"],
  ["removed steps only", { places: [{ stepId: idOf("r"), step: null }] }, "NO_STEPS", "steps"],
  ["an unknown owner", { ownerId: idOf("nobody") }, "USER_NOT_FOUND", "ownerId"],
  ["a deactivated owner", { ownerId: idOf("gone") }, "USER_DEACTIVATED", "ownerId"],
  ["an empty schedule", { schedule }, "EMPTY_SCHEDULE", "schedule.ranges"],
  [
    "a range whose start is its end",
    { schedule: { ...schedule, ranges: [{ weekday: "MONDAY", start: "09:00", end: "09:00" }] } },
    "EMPTY_RANGE",
    "schedule.ranges.0.start",
  ],
  [
    "a condition on a custom field that is gone",
    {
      trigger: trigger("LEAD_CREATED", {
        not: { test: { path: `lead.custom.${idOf("nothing")}`, op: "IS_EMPTY" } },
      }),
    },
    "UNKNOWN_CUSTOM_FIELD",
    "trigger.conditions.not.test.path",
  ],
  [
    "an unknown lead status as goal",
    { goals: { ...DEFAULT_GOALS, leadStatusIds: [idOf("lead status"), idOf("nothing")] } },
    "LEAD_STATUS_NOT_FOUND",
    "goals.leadStatusIds",
  ],
  [
    "a lead status as goal of opportunities",
    { goals: { ...DEFAULT_GOALS, opportunityStatusIds: [idOf("lead status")] } },
    "OPPORTUNITY_STATUS_NOT_FOUND",
    "goals.opportunityStatusIds",
  ],
];
test.each(settings)("WF-5: %s is named by field", (_, changes, code, field) => {
  expect(problemsIn(contentOf(changes))).toEqual([[code, null, field]]);
});

test("WF-5: goals whose statuses exist are no fault", () => {
  const leadStatusIds = [idOf("lead status")];
  const opportunityStatusIds = [idOf("opportunity status")];
  expect(problemsIn(contentOf({ goals: { ...DEFAULT_GOALS, leadStatusIds, opportunityStatusIds } }))).toEqual([]);
});

test("WF-5: all faults are named at once", () => {
  const faulty = [
    steps.email({ sender: null, templateId: null }),
    { ...stepNamed("B"), delay: { amount: -1, unit: "DAY" as const } },
  ];
  expect(problemsIn(contentOf({ ownerId: idOf("nobody"), places: placesOf(...faulty) }))).toEqual([
    ["USER_NOT_FOUND", null, "ownerId"],
    ["SENDER_MISSING", idOf("step"), "email.sender"],
    ["TEMPLATE_MISSING", idOf("step"), "email.templateId"],
    ["DELAY_OUT_OF_RANGE", idOf("B"), "delay.amount"],
  ]);
});

test("WF-5: everything a workflow names is asked for, once", () => {
  const conditions = {
    any: [
      { test: { path: `event.data.custom.${idOf("a")}`, op: "CHANGED" as const } },
      { test: { path: `contact.custom.${idOf("b")}`, op: "IS_EMPTY" as const } },
    ],
  };
  const places = placesOf(
    steps.email({ sender: steps.userNamed("gone") }),
    steps.sms({ sender: steps.groupsNamed("sales") }),
    steps.call({ assignee: steps.groupsNamed("sales", "empty") }),
    steps.task({ assignee: steps.fieldNamed("users") }),
    steps.assignUser({ groupIds: [idOf("third")] }),
    steps.updateLead(
      { field: `custom.${idOf("text")}`, value: "x" },
      { field: "status", value: idOf("lead status") },
      { field: `custom.${idOf("user")}`, value: [idOf("valued")] },
    ),
    steps.createOpportunity({ field: `custom.${idOf("text")}`, template: "x" }),
  );
  const goals = { ...DEFAULT_GOALS, leadStatusIds: [idOf("goal")] };
  const content = contentOf({ trigger: trigger("LEAD_UPDATED", conditions), goals, places });
  expect(referenceIdsOf(content)).toEqual({
    // An assigned id may be a user's: what its field holds is not known before it is looked up.
    userIds: [idOf("owner"), idOf("gone"), idOf("lead status"), idOf("valued")],
    groupIds: [idOf("sales"), idOf("empty"), idOf("third")],
    customFieldIds: [idOf("a"), idOf("b"), idOf("users"), idOf("user"), idOf("text")],
    leadStatusIds: [idOf("goal"), idOf("lead status")],
    templateIds: [idOf("email"), idOf("sms")],
  });
});
