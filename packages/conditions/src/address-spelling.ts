import { foldCase } from "./values.ts";

/** Paths at which addresses stand: a contact's, and those that its event tells of. */
const ADDRESS_PATHS: ReadonlySet<string> = new Set(["contact.emails", "event.data.emails"]);

/** How values at a path are spelled before they are compared: addresses match whatever their case (CRM-2). */
export function spellingAt(path: string): (value: unknown) => unknown {
  return ADDRESS_PATHS.has(path) ? withoutCase : asItIs;
}

function asItIs(value: unknown): unknown {
  return value;
}

function withoutCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCase);
  return typeof value === "string" ? foldCase(value) : value;
}
