import type { CreateOpportunityStep, FieldAssignment, UpdateLeadStep, UpdateOpportunityStep } from "@cadenza/contracts";
import { checkTemplate } from "@cadenza/templating";
import { fieldKey } from "../steps/field-key.ts";
import { STEP_KEYS } from "../steps/step-settings.ts";
import { customFieldIdOf } from "./custom-field-id.ts";
import { reportCustomField } from "./custom-field-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";
import { type SettableField, settableCustomField, STANDARD_FIELDS } from "./settable-fields.ts";

type FieldsStep = CreateOpportunityStep | UpdateLeadStep | UpdateOpportunityStep;
type Object = keyof typeof STANDARD_FIELDS;

const NAMES: Record<Object, string> = { LEAD: "A lead", OPPORTUNITY: "An opportunity" };

/** The fields that a step sets: known, of the right object, and each with a value that fits (OPP-1, LEAD-1). */
export function reportFields(step: FieldsStep, references: References, report: Report): void {
  const at = `${STEP_KEYS[step.kind]}.fields`;
  if (step.fields.length === 0 && step.kind !== "CREATE_OPPORTUNITY") {
    report("FIELDS_MISSING", at, "The step sets no field; add at least one.");
  }
  const seen = new Set<string>();
  for (const [index, assignment] of step.fields.entries()) {
    const { field } = assignment;
    if (seen.has(fieldKey(field))) report("DUPLICATE", `${at}.${index}.field`, `The field ${field} is set twice.`);
    seen.add(fieldKey(field));
    reportAssignment(assignment, step.kind, `${at}.${index}`, references, report);
  }
  if (step.kind !== "CREATE_OPPORTUNITY" || seen.has("currency")) return;
  const value = step.fields.findIndex(({ field, value, template }) => {
    return field === "value" && (template !== null || (value !== null && value !== ""));
  });
  if (value >= 0)
    report("CURRENCY_MISSING", `${at}.${value}.field`, "A value needs a currency; set the field currency too.");
}

function reportAssignment(
  assignment: FieldAssignment,
  kind: FieldsStep["kind"],
  at: string,
  references: References,
  report: Report,
): void {
  const { field, template, value, aiEnrich } = assignment;
  if (template !== null) {
    const fault = checkTemplate(template, "value");
    if (fault) report(fault.code, `${at}.template`, fault.message);
  }
  const object = kind === "UPDATE_LEAD" ? "LEAD" : "OPPORTUNITY";
  const settable = settableField(object, field, `${at}.field`, references, report);
  if (aiEnrich && (kind !== "UPDATE_LEAD" || settable?.aiEnrich === false)) {
    const message = settable ? `AI cannot find a value for ${settable.label}.` : "AI enriches fields of leads only.";
    report("AI_ENRICH_NOT_ALLOWED", `${at}.aiEnrich`, message);
  }
  if (settable && template === null && !aiEnrich)
    reportValue(settable, value ?? null, `${at}.value`, references, report);
}

function settableField(
  object: Object,
  field: string,
  at: string,
  references: References,
  report: Report,
): SettableField | null {
  const customFieldId = customFieldIdOf(`lead.${field}`);
  if (customFieldId !== null) {
    const customField = reportCustomField(customFieldId, [object], at, references, report);
    return customField && settableCustomField(customField);
  }
  const fields = STANDARD_FIELDS[object];
  if (Object.hasOwn(fields, field)) return fields[field] ?? null;
  const known = Object.keys(fields).join(", ");
  report("FIELD_NOT_FOUND", at, `${NAMES[object]} has no field "${field}" to set: ${known}, or custom.<field id>.`);
  return null;
}

function reportValue(field: SettableField, value: unknown, at: string, references: References, report: Report): void {
  const { label, required, multiple, check } = field;
  if (value === null || value === "" || (multiple && Array.isArray(value) && value.length === 0)) {
    if (required) report("VALUE_MISSING", at, `${capitalized(label)} cannot be empty.`);
    return;
  }
  if (multiple && !Array.isArray(value)) {
    return report("VALUE_WRONG_TYPE", at, `${capitalized(label)} holds several values and takes a list.`);
  }
  const values: unknown[] = multiple && Array.isArray(value) ? value : [value];
  const fault = values.map((each) => check(each, references)).find((each) => each !== null);
  if (fault) report(fault.code, at, `${capitalized(label)} ${fault.message}.`);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
