const AS_INPUT: ReadonlySet<string> = new Set(["statusId", "contactId", "userId"]);

/** The same for a field's two names, as it is shown and as inputs have it: `status` and `statusId`. */
export function fieldKey(field: string): string {
  return AS_INPUT.has(field) ? field.slice(0, -"Id".length) : field;
}
