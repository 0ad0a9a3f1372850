import { type Problem, problem } from "../values/problem.ts";
import { checkValue, userIdsIn, type ValueFacts } from "./check-value.ts";
import type { CrmObject, CustomField, CustomValues } from "./custom-field.ts";

export type CustomFieldValueInput = { fieldId: string; value?: unknown };

/** Finds the fields of an object by id. */
export type FieldsById = ReadonlyMap<string, CustomField>;

/** The values that an input sets, by field id; null empties a field. */
export function readValues(
  object: CrmObject,
  inputs: readonly CustomFieldValueInput[] | null | undefined,
  fields: FieldsById,
  facts: ValueFacts,
  path: readonly string[],
  problems: Problem[],
): CustomValues {
  const values: CustomValues = {};
  for (const [index, { fieldId, value }] of (inputs ?? []).entries()) {
    const here = [...path, String(index)];
    const field = fields.get(fieldId);
    if (!field || field.object !== object) {
      problems.push(
        problem("UNKNOWN_FIELD", `There is no such custom field of a ${object.toLowerCase()}.`, [...here, "fieldId"]),
      );
    } else if (field._id in values) {
      problems.push(problem("DUPLICATE", `The field "${field.name}" stands here twice.`, [...here, "fieldId"]));
    } else {
      const checked = checkValue(field, value, facts, [...here, "value"]);
      if (checked.ok) values[field._id] = checked.value;
      else problems.push(...checked.problems);
    }
  }
  return values;
}

/** Users that the inputs name. */
export function userIdsOf(inputs: readonly CustomFieldValueInput[] | null | undefined, fields: FieldsById): string[] {
  return (inputs ?? []).flatMap(({ fieldId, value }) => {
    const field = fields.get(fieldId);
    return field ? userIdsIn(field, value) : [];
  });
}

/** `values` with `changes` on top; what a change empties is left out. */
export function withValues(values: CustomValues, changes: CustomValues): CustomValues {
  const merged = Object.entries({ ...values, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged);
}
