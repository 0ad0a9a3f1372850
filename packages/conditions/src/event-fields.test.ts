import { type CustomFieldView, TRIGGER_EVENTS, type TriggerEvent } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { checkCondition } from "./check-condition.ts";

const customFields: CustomFieldView[] = (["LEAD", "CONTACT", "OPPORTUNITY"] as const).map((object) => {
  return { id: object.toLowerCase(), object, name: object, type: "NUMBER", multiple: false, choices: [] };
});
const codesOf = (event: TriggerEvent | null, path: string, op: string, value?: unknown) =>
  checkCondition({ test: { path, op, value } }, { customFields, event }).map(({ code }) => code);

const CASES: [TriggerEvent | null, string, string, unknown, string[]][] = [
  ["LEAD_STATUS_CHANGED", "event.data.status", "CHANGED_TO", "hot", []],
  ["LEAD_STATUS_CHANGED", "lead.status", "CHANGED_FROM", "cold", []],
  ["LEAD_CREATED", "event.data.custom.lead", "GREATER_THAN", 3, []],
  ["LEAD_CREATED", "event.data.custom.lead", "EQUALS", "many", ["VALUE_NOT_ALLOWED"]],
  ["LEAD_UPDATED", "event.data.custom.contact", "EQUALS", 3, ["CUSTOM_FIELD_OF_OTHER_OBJECT"]],
  ["LEAD_UPDATED", "event.data.title", "CHANGED", undefined, ["UNKNOWN_PATH"]],
  ["LEAD_UPDATED", "event.data.id", "EQUALS", "x", ["UNKNOWN_PATH"]],
  ["LEAD_UPDATED", "lead.custom.lead", "CHANGED", undefined, []],
  ["LEAD_UPDATED", "contact.name", "CHANGED", undefined, ["OPERATOR_NOT_ALLOWED"]],
  ["LEAD_UPDATED", "contact.name", "CONTAINS", "x", []],
  ["LEAD_UPDATED", "opportunity.status", "EQUALS", "x", ["PATH_NOT_IN_EVENT"]],
  ["CONTACT_UPDATED", "event.data.emails", "CONTAINS", "a@b.example", []],
  ["CONTACT_UPDATED", "lead.status", "CHANGED_TO", "hot", ["OPERATOR_NOT_ALLOWED"]],
  ["OPPORTUNITY_VALUE_CHANGED", "event.data.value", "GREATER_THAN", "1000", []],
  ["OPPORTUNITY_VALUE_CHANGED", "event.data.value.currency", "EQUALS", "EUR", []],
  ["OPPORTUNITY_VALUE_CHANGED", "opportunity.value", "CHANGED", undefined, []],
  ["OPPORTUNITY_STALLED", "opportunity.value", "GREATER_THAN", 1000, []],
  ["OPPORTUNITY_STALLED", "opportunity.status", "CHANGED", undefined, ["OPERATOR_NOT_ALLOWED"]],
  ["OPPORTUNITY_STALLED", "event.data.stalledDays", "EQUALS", 3, []],
  ["CALL_COMPLETED", "event.data.durationSeconds", "LESS_THAN", 60, []],
  ["CALL_COMPLETED", "event.data.outcome", "EQUALS", "interested", []],
  ["CALL_COMPLETED", "event.data.outcome", "CHANGED", undefined, ["OPERATOR_NOT_ALLOWED"]],
  ["CALL_COMPLETED", "event.data.duration", "LESS_THAN", 60, ["UNKNOWN_PATH"]],
  ["CALL_COMPLETED", "opportunity.note", "IS_EMPTY", undefined, ["PATH_NOT_IN_EVENT"]],
  ["EMAIL_RECEIVED", "event.data.subject", "CONTAINS", "price", []],
  ["TASK_COMPLETED", "event.data.kind", "IN", ["CALL"], []],
  ["FORM_SUBMITTED", "event.data.answers.company size", "GREATER_THAN", 10, []],
  ["FORM_SUBMITTED", "event.data.utm-source", "IN", ["x", "y"], []],
  ["FORM_SUBMITTED", "event.data.custom.anything", "EQUALS", true, []],
  ["FORM_SUBMITTED", "event.data.Größe", "EQUALS", 3, []],
  ["FORM_SUBMITTED", "event.data.form", "CHANGED_TO", "x", ["OPERATOR_NOT_ALLOWED"]],
  ["FORM_SUBMITTED", "event.data.constructor", "IS_EMPTY", undefined, ["UNKNOWN_PATH"]],
  ["FORM_SUBMITTED", "event.data.__proto__.x", "IS_EMPTY", undefined, ["UNKNOWN_PATH"]],
  [null, "lead.name", "EQUALS", "x", []],
  [null, "lead.name", "CHANGED", undefined, ["OPERATOR_NOT_ALLOWED"]],
  [null, "event.data.name", "EQUALS", "x", ["PATH_NOT_IN_EVENT"]],
  [null, "event.user", "EQUALS", "x", ["PATH_NOT_IN_EVENT"]],
];
test.each(CASES)("TRG-2: at %s %s %s %j is answered with %j", (event, path, op, value, codes) => {
  expect(codesOf(event, path, op, value)).toEqual(codes);
});

test.each(TRIGGER_EVENTS)(
  "TRG-2: %s has a lead, a contact and a user, and an opportunity where it is about one",
  (event) => {
    expect(codesOf(event, "lead.name", "EQUALS", "x")).toEqual([]);
    expect(codesOf(event, "contact.custom.contact", "EQUALS", 1)).toEqual([]);
    expect(codesOf(event, "event.user", "EQUALS", "x")).toEqual([]);
    expect(codesOf(event, "opportunity.confidence", "LESS_THAN", 50)).toEqual(
      event.startsWith("OPPORTUNITY_") ? [] : ["PATH_NOT_IN_EVENT"],
    );
  },
);
