import type { CrmChange } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { eventsOf } from "./events-of.ts";

const cases: [CrmChange["object"], CrmChange["verb"], string[], string[]][] = [
  ["LEAD", "CREATED", ["name", "status"], ["LEAD_CREATED"]],
  ["LEAD", "UPDATED", ["name"], ["LEAD_UPDATED"]],
  ["LEAD", "UPDATED", ["name", "status"], ["LEAD_UPDATED", "LEAD_STATUS_CHANGED"]],
  ["LEAD", "DELETED", ["name", "status"], []],
  ["CONTACT", "CREATED", ["name"], ["CONTACT_CREATED"]],
  ["CONTACT", "UPDATED", ["title"], ["CONTACT_UPDATED"]],
  ["CONTACT", "DELETED", [], []],
  ["OPPORTUNITY", "CREATED", ["value", "status"], ["OPPORTUNITY_CREATED"]],
  ["OPPORTUNITY", "UPDATED", ["note"], ["OPPORTUNITY_UPDATED"]],
  ["OPPORTUNITY", "UPDATED", ["value"], ["OPPORTUNITY_UPDATED", "OPPORTUNITY_VALUE_CHANGED"]],
  [
    "OPPORTUNITY",
    "UPDATED",
    ["status", "value"],
    ["OPPORTUNITY_UPDATED", "OPPORTUNITY_STATUS_CHANGED", "OPPORTUNITY_VALUE_CHANGED"],
  ],
];

test.each(cases)("TRG-1: %s %s of %j is %j", (object, verb, fields, events) => {
  const after = Object.fromEntries(fields.map((field) => [field, "x"]));
  expect(eventsOf({ object, verb, after, before: {} })).toEqual(events);
});

test("TRG-1: a status that was emptied has changed too", () => {
  expect(eventsOf({ object: "LEAD", verb: "UPDATED", before: { status: "x" }, after: {} })).toContain(
    "LEAD_STATUS_CHANGED",
  );
});
