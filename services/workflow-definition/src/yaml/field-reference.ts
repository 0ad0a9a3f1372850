import type { CustomFieldView, TriggerEvent } from "@cadenza/contracts";

export type CrmObject = CustomFieldView["object"];

const BY_NAME = /^(lead|contact|opportunity|event\.data)\.custom\[("(?:[^"\\]|\\.)*")\]$/su;

/** A custom field by what people call it: `lead.custom["Budget, yearly"]`, the name as a JSON string. */
export type NamedField = { owner: string; name: string };

export function writeNamedField(owner: string, name: string): string {
  return `${owner}.custom[${JSON.stringify(name)}]`;
}

/** Null for a text of any other form. */
export function readNamedField(text: string): NamedField | null {
  const [, owner, literal] = BY_NAME.exec(text) ?? [];
  if (!owner || !literal) return null;
  const name = jsonText(literal);
  return name === null ? null : { owner, name };
}

/** The object whose fields a path's owner has: an event's data are those of what changed; null where that is nothing. */
export function objectOf(owner: string, event: TriggerEvent | null): CrmObject | null {
  switch (owner) {
    case "lead":
      return "LEAD";
    case "contact":
      return "CONTACT";
    case "opportunity":
      return "OPPORTUNITY";
    default:
      return changedObject(event);
  }
}

/** Which object a change event is about. */
export function changedObject(event: TriggerEvent | null): CrmObject | null {
  const [object] = event?.split("_") ?? [];
  return object === "LEAD" || object === "CONTACT" || object === "OPPORTUNITY" ? object : null;
}

function jsonText(literal: string): string | null {
  try {
    return String(JSON.parse(literal));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
