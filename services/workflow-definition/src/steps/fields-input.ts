import type { CreateOpportunityStep, UpdateLeadStep, UpdateOpportunityStep } from "@cadenza/contracts";
import { checkText, type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import { fieldKey } from "./field-key.ts";
import type { Given } from "./given.ts";
import type { SettingsOf } from "./step-settings.ts";

type Assignments = UpdateLeadStep["fields"];

export type FieldAssignmentInput = {
  field: string;
  value?: unknown;
  template?: Given<string>;
  aiEnrich?: Given<boolean>;
};
export type CreateOpportunityStepInput = { fields: FieldAssignmentInput[] };
export type UpdateLeadStepInput = {
  fields: FieldAssignmentInput[];
  overwrite?: Given<boolean>;
  addMissingChoices?: Given<boolean>;
};
export type UpdateOpportunityStepInput = UpdateLeadStepInput & { target: UpdateOpportunityStep["target"] };

export function readCreateOpportunity(
  { fields }: CreateOpportunityStepInput,
  path: readonly string[],
  errors: UserError[],
): SettingsOf<CreateOpportunityStep> {
  return { kind: "CREATE_OPPORTUNITY", fields: readFields(fields, [...path, "fields"], errors) };
}

export function readUpdateLead(
  input: UpdateLeadStepInput,
  path: readonly string[],
  errors: UserError[],
): SettingsOf<UpdateLeadStep> {
  return { kind: "UPDATE_LEAD", ...readWriting(input, path, errors) };
}

export function readUpdateOpportunity(
  input: UpdateOpportunityStepInput,
  path: readonly string[],
  errors: UserError[],
): SettingsOf<UpdateOpportunityStep> {
  return { kind: "UPDATE_OPPORTUNITY", target: input.target, ...readWriting(input, path, errors) };
}

function readWriting(input: UpdateLeadStepInput, path: readonly string[], errors: UserError[]) {
  return {
    fields: readFields(input.fields, [...path, "fields"], errors),
    overwrite: input.overwrite ?? true,
    addMissingChoices: input.addMissingChoices ?? false,
  };
}

function readFields(
  inputs: readonly FieldAssignmentInput[],
  path: readonly string[],
  errors: UserError[],
): Assignments {
  if (inputs.length > LIMITS.fields) {
    errors.push(userError("TOO_MANY", `A step sets at most ${LIMITS.fields} fields.`, path));
    return [];
  }
  const seen = new Set<string>();
  return inputs.map((input, index) => {
    const at = [...path, String(index)];
    const { field } = input;
    checkText(field, [...at, "field"], { max: LIMITS.name, min: 1 });
    if (seen.has(fieldKey(field))) {
      errors.push(userError("DUPLICATE", `The field ${field} is set twice in this step.`, [...at, "field"]));
    }
    seen.add(fieldKey(field));
    return readAssignment(input, at, errors);
  });
}

function readAssignment(
  input: FieldAssignmentInput,
  path: readonly string[],
  errors: UserError[],
): Assignments[number] {
  const { field, value, aiEnrich } = input;
  const template = input.template ?? null;
  if (template) checkText(template, [...path, "template"], { max: LIMITS.fieldTemplate });
  const others = (template === null ? 0 : 1) + (aiEnrich ? 1 : 0);
  // An explicit `value: null` says: make it empty. Beside a template or AI it says nothing.
  const hasValue = value !== undefined && !(others > 0 && value === null);
  if (others + (hasValue ? 1 : 0) !== 1) {
    errors.push(userError("EXACTLY_ONE_OF", "Give exactly one of value, template, aiEnrich.", path));
  }
  return { field, value: value ?? null, template, ...(aiEnrich ? { aiEnrich: true } : {}) };
}
