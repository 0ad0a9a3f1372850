import { expect, test } from "vitest";
import { idOf } from "../../test/builders.ts";
import {
  type Assignment,
  createOpportunity,
  faultsIn,
  updateLead,
  updateOpportunity,
} from "../../test/validation-builders.ts";

const custom = (name: string) => `custom.${idOf(name)}`;

const leadValues: [field: string, value: unknown, fault: string | null][] = [
  ["name", "Acme", null],
  ["name", null, "VALUE_MISSING"],
  ["name", 7, "VALUE_WRONG_TYPE"],
  ["description", "x", null],
  ["description", null, null],
  ["url", "https://acme.example/x", null],
  ["url", "http://acme.example", null],
  ["url", null, null],
  ["url", "acme.example", "VALUE_WRONG_TYPE"],
  ["url", "javascript:alert(1)", "VALUE_WRONG_TYPE"],
  ["url", "ftp://acme.example", "VALUE_WRONG_TYPE"],
  ["status", idOf("lead status"), null],
  ["status", "Qualified", null],
  ["status", idOf("opportunity status"), "LEAD_STATUS_NOT_FOUND"],
  ["statusId", idOf("nothing"), "LEAD_STATUS_NOT_FOUND"],
  ["status", "", "VALUE_MISSING"],
  ["status", 3, "VALUE_WRONG_TYPE"],
  [custom("text"), "x", null],
  [custom("text"), ["x"], "VALUE_WRONG_TYPE"],
  [custom("text"), 7, "VALUE_WRONG_TYPE"],
  [custom("number"), 7.5, null],
  [custom("number"), "7", "VALUE_WRONG_TYPE"],
  [custom("number"), "many", "VALUE_WRONG_TYPE"],
  [custom("date"), "2026-02-28", null],
  [custom("date"), "2026-02-30", "VALUE_WRONG_TYPE"],
  [custom("instant"), "2026-02-28T09:00:00Z", null],
  [custom("instant"), "2026-02-28T09:00:00", "VALUE_WRONG_TYPE"],
  [custom("instant"), "2026-02-30T09:00:00Z", "VALUE_WRONG_TYPE"],
  [custom("url"), "https://acme.example", null],
  [custom("url"), "mailto:ada@acme.example", "VALUE_WRONG_TYPE"],
  [custom("choices"), ["a", "new"], null],
  [custom("choices"), "a", "VALUE_WRONG_TYPE"],
  [custom("choices"), [1], "VALUE_WRONG_TYPE"],
  [custom("choices"), [], null],
  [custom("user"), idOf("owner"), null],
  [custom("user"), "ada@acme.example", null],
  [custom("user"), idOf("nobody"), "USER_NOT_FOUND"],
  [custom("user"), "Ada", "USER_NOT_FOUND"],
  [custom("user"), idOf("gone"), "USER_DEACTIVATED"],
  [custom("users"), [idOf("owner")], null],
  [custom("users"), [idOf("owner"), idOf("gone")], "USER_DEACTIVATED"],
];
test.each(leadValues)("WF-5: Update Lead: %s set to %j: %s", (field, value, fault) => {
  expect(faultsIn(updateLead({ field, value }))).toEqual(fault ? [[fault, "updateLead.fields.0.value"]] : []);
});

const opportunityValues: [field: string, value: unknown, fault: string | null][] = [
  ["status", idOf("opportunity status"), null],
  ["status", "Won", null],
  ["statusId", idOf("lead status"), "OPPORTUNITY_STATUS_NOT_FOUND"],
  ["status", null, "VALUE_MISSING"],
  ["value", "1999.99", null],
  ["value", 2000, null],
  ["value", "a lot", "VALUE_WRONG_TYPE"],
  ["value", true, "VALUE_WRONG_TYPE"],
  ["currency", "EUR", null],
  ["currency", "eur", "VALUE_WRONG_TYPE"],
  ["currency", "QQQ", "VALUE_WRONG_TYPE"],
  ["currency", "EURO", "VALUE_WRONG_TYPE"],
  ["period", "MONTHLY", null],
  ["period", "WEEKLY", "VALUE_WRONG_TYPE"],
  ["period", null, "VALUE_MISSING"],
  ["confidence", 0, null],
  ["confidence", 100, null],
  ["confidence", null, null],
  ["confidence", 101, "VALUE_WRONG_TYPE"],
  ["confidence", -1, "VALUE_WRONG_TYPE"],
  ["confidence", 50.5, "VALUE_WRONG_TYPE"],
  ["expectedCloseDate", "2026-12-24", null],
  ["expectedCloseDate", "24.12.2026", "VALUE_WRONG_TYPE"],
  ["note", "x", null],
  ["note", 7, "VALUE_WRONG_TYPE"],
  ["contact", idOf("somebody"), null],
  ["contact", 7, "VALUE_WRONG_TYPE"],
  ["user", idOf("owner"), null],
  ["user", idOf("nobody"), "USER_NOT_FOUND"],
  ["userId", idOf("gone"), "USER_DEACTIVATED"],
  [custom("size of opportunities"), 7, null],
  [custom("size of opportunities"), "big", "VALUE_WRONG_TYPE"],
  [custom("users of opportunities"), idOf("gone"), "USER_DEACTIVATED"],
];
test.each(opportunityValues)("OPP-1, WF-5: an opportunity's %s set to %j: %s", (field, value, fault) => {
  const at = (kind: string) => (fault ? [[fault, `${kind}.fields.0.value`]] : []);
  const currency = field === "value" ? [{ field: "currency", value: "EUR" }] : [];
  expect(faultsIn(createOpportunity({ field, value }, ...currency))).toEqual(at("createOpportunity"));
  expect(faultsIn(updateOpportunity({ field, value }))).toEqual(at("updateOpportunity"));
});

const fields: [string, Assignment, string, string][] = [
  ["an unknown field", { field: "shoeSize", value: 43 }, "FIELD_NOT_FOUND", "field"],
  ["a name that every object has", { field: "constructor", value: "x" }, "FIELD_NOT_FOUND", "field"],
  ["an unknown custom field", { field: custom("nothing"), value: "x" }, "CUSTOM_FIELD_NOT_FOUND", "field"],
  ["a custom field of contacts", { field: custom("of contacts"), value: "x" }, "CUSTOM_FIELD_WRONG_OBJECT", "field"],
];
test.each(fields)("WF-5: %s is named, whatever the step", (_, assignment, code, field) => {
  expect(faultsIn(updateLead(assignment))).toEqual([[code, `updateLead.fields.0.${field}`]]);
  expect(faultsIn(createOpportunity(assignment))).toEqual([[code, `createOpportunity.fields.0.${field}`]]);
  expect(faultsIn(updateOpportunity(assignment))).toEqual([[code, `updateOpportunity.fields.0.${field}`]]);
});

test("WF-5: fields of the other object are unknown", () => {
  expect(faultsIn(updateLead({ field: "confidence", value: 3 }))).toMatchObject([
    ["FIELD_NOT_FOUND", expect.anything()],
  ]);
  expect(faultsIn(createOpportunity({ field: "url", value: "x" }))).toMatchObject([
    ["FIELD_NOT_FOUND", expect.anything()],
  ]);
  expect(faultsIn(createOpportunity({ field: custom("text"), value: "x" }))).toMatchObject([
    ["CUSTOM_FIELD_WRONG_OBJECT", "createOpportunity.fields.0.field"],
  ]);
});

test("WF-5: a template is checked as one, its result when the step is processed", () => {
  expect(faultsIn(updateLead({ field: "url", template: "{{ contact.name }}" }))).toEqual([]);
  expect(faultsIn(updateLead({ field: "url", template: "{% if %}" }))).toEqual([
    ["TEMPLATE_INVALID", "updateLead.fields.0.template"],
  ]);
});

test("WF-5: a step that updates sets a field at least, and none twice; an opportunity may be created with the usual values", () => {
  expect(faultsIn(updateLead())).toEqual([["FIELDS_MISSING", "updateLead.fields"]]);
  expect(faultsIn(updateOpportunity())).toEqual([["FIELDS_MISSING", "updateOpportunity.fields"]]);
  expect(faultsIn(createOpportunity())).toEqual([]);
  expect(faultsIn(updateLead({ field: "url" }, { field: "url" }))).toEqual([
    ["DUPLICATE", "updateLead.fields.1.field"],
  ]);
  const twice = [
    { field: "status", value: "Won" },
    { field: "statusId", value: "Lost" },
  ];
  expect(faultsIn(updateOpportunity(...twice))).toEqual([["DUPLICATE", "updateOpportunity.fields.1.field"]]);
});

test("OPP-1: a new opportunity's value has a currency", () => {
  const missing = [["CURRENCY_MISSING", "createOpportunity.fields.0.field"]];
  expect(faultsIn(createOpportunity({ field: "value", value: "5" }))).toEqual(missing);
  expect(faultsIn(createOpportunity({ field: "value", template: "{{ lead.custom.size }}" }))).toEqual(missing);
  expect(faultsIn(createOpportunity({ field: "value", value: null }))).toEqual([]);
  expect(faultsIn(updateOpportunity({ field: "value", value: "5" }))).toEqual([]);
});

test("LEAD-2: AI finds values of a lead's fields, but no references", () => {
  const notAllowed = [["AI_ENRICH_NOT_ALLOWED", "updateLead.fields.0.aiEnrich"]];
  for (const name of ["text", "number", "date", "instant", "url", "choices"]) {
    expect(faultsIn(updateLead({ field: custom(name), aiEnrich: true }))).toEqual([]);
  }
  for (const field of ["status", custom("user"), custom("users")]) {
    expect(faultsIn(updateLead({ field, aiEnrich: true }))).toEqual(notAllowed);
  }
  expect(faultsIn(createOpportunity({ field: "note", aiEnrich: true }))).toEqual([
    ["AI_ENRICH_NOT_ALLOWED", "createOpportunity.fields.0.aiEnrich"],
  ]);
});
