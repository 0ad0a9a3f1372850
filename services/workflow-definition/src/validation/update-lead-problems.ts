import type { CustomFieldView, FieldAssignment, UpdateLeadStep } from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import { checkTemplate } from "@cadenza/templating";
import { customFieldIdOf } from "./custom-field-id.ts";
import { reportCustomField } from "./custom-field-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

/** A lead's own fields that a step may set, named as in the graph. */
const LEAD_FIELDS: ReadonlySet<string> = new Set(["name", "description", "url", "status", "statusId"]);
/** Those that are never empty. */
const REQUIRED: ReadonlySet<string> = new Set(["name", "status", "statusId"]);
/** By id; a name is looked up when the step is processed. */
const STATUS: ReadonlySet<string> = new Set(["status", "statusId"]);

export function reportUpdateLead(step: UpdateLeadStep, references: References, report: Report): void {
  if (step.fields.length === 0)
    report("FIELDS_MISSING", "updateLead.fields", "The step sets no field; add at least one.");
  for (const [index, assignment] of step.fields.entries()) {
    reportAssignment(assignment as FieldAssignment, `updateLead.fields.${index}`, references, report);
  }
}

function reportAssignment(assignment: FieldAssignment, at: string, references: References, report: Report): void {
  const { field, template, value } = assignment;
  if (template !== null) {
    const fault = checkTemplate(template, "value");
    if (fault) report(fault.code, `${at}.template`, fault.message);
  }
  const fieldId = customFieldIdOf(`lead.${field}`);
  if (fieldId !== null) {
    const customField = reportCustomField(fieldId, "LEAD", `${at}.field`, references, report);
    if (customField && template === null && !fits(customField, value)) {
      report("VALUE_WRONG_TYPE", `${at}.value`, `The field "${customField.name}" takes ${EXPECTED[customField.type]}.`);
    }
  } else if (!LEAD_FIELDS.has(field)) {
    const message = `A lead has no field "${field}" to set: ${[...LEAD_FIELDS].join(", ")}, or custom.<field id>.`;
    report("FIELD_NOT_FOUND", `${at}.field`, message);
  } else if (template === null) reportStandardValue(field, value, at, references, report);
}

function reportStandardValue(field: string, value: unknown, at: string, references: References, report: Report): void {
  const isEmpty = value === null || value === "";
  if (isEmpty && REQUIRED.has(field)) report("VALUE_MISSING", `${at}.value`, `A lead's ${field} cannot be empty.`);
  else if (!isEmpty && typeof value !== "string")
    report("VALUE_WRONG_TYPE", `${at}.value`, `A lead's ${field} is a text.`);
  else if (STATUS.has(field) && isId(value) && !references.leadStatusIds.has(value)) {
    report("LEAD_STATUS_NOT_FOUND", `${at}.value`, "There is no such lead status.");
  }
}

const EXPECTED: Record<CustomFieldView["type"], string> = {
  TEXT: "a text",
  NUMBER: "a number",
  DATE: "a date such as 2026-12-24",
  DATETIME: "an instant such as 2026-12-24T09:30:00Z",
  CHOICE: "one of its choices",
  USER: "the id of a user",
  URL: "an address that begins with http:// or https://",
};

/** The form only; whether choices and users exist is looked up when the step is processed (LEAD-1). */
function fits(field: CustomFieldView, value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return field.multiple && value.every((entry) => fitsOne(field.type, entry));
  return fitsOne(field.type, value);
}

function fitsOne(type: CustomFieldView["type"], value: unknown): boolean {
  if (type === "NUMBER")
    return typeof value === "number" || (typeof value === "string" && Number.isFinite(Number(value)));
  return typeof value === "string";
}
