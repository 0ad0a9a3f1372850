import type { CustomFieldView } from "@cadenza/contracts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

/** @returns the field, where it exists and is one of `objects`. */
export function reportCustomField(
  id: string,
  objects: readonly CustomFieldView["object"][],
  field: string,
  references: References,
  report: Report,
): CustomFieldView | null {
  const found = references.customFields.get(id);
  if (!found) report("CUSTOM_FIELD_NOT_FOUND", field, "There is no such custom field.");
  else if (!objects.includes(found.object)) {
    const wanted = objects.map((object) => PLURALS[object]).join(", ");
    report(
      "CUSTOM_FIELD_WRONG_OBJECT",
      field,
      `The field "${found.name}" is one of ${PLURALS[found.object]}, not of ${wanted}.`,
    );
  } else return found;
  return null;
}

const PLURALS: Record<CustomFieldView["object"], string> = {
  LEAD: "leads",
  CONTACT: "contacts",
  OPPORTUNITY: "opportunities",
};
