import type { CustomFieldView } from "@cadenza/contracts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

/** @returns the field, where it exists and is one of `object`. */
export function reportCustomField(
  id: string,
  object: CustomFieldView["object"],
  field: string,
  references: References,
  report: Report,
): CustomFieldView | null {
  const found = references.customFields.get(id);
  if (!found) report("CUSTOM_FIELD_NOT_FOUND", field, "There is no such custom field.");
  else if (found.object !== object) {
    const message = `The field "${found.name}" is one of ${found.object.toLowerCase()}s, not of ${object.toLowerCase()}s.`;
    report("CUSTOM_FIELD_WRONG_OBJECT", field, message);
  } else return found;
  return null;
}
