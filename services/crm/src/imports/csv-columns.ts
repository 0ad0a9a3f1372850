import { parse } from "csv-parse/sync";
import type { Catalog } from "../catalog/catalog.ts";
import type { CustomField } from "../custom-fields/custom-field.ts";
import { done, type Outcome, type Problem, problem, refused } from "../values/problem.ts";

export const STANDARD_COLUMNS = [
  "lead_name",
  "lead_url",
  "lead_status",
  "contact_name",
  "contact_title",
  "contact_email",
  "contact_phone",
] as const;
export type StandardColumn = (typeof STANDARD_COLUMNS)[number];
/** What each cell of a record is for. */
export type Column = { kind: StandardColumn } | { kind: "custom"; field: CustomField };

const CUSTOM_PREFIX = "custom.";
const MAX_HEADER_BYTES = 64 * 1024;

/** How cells and lines are read, here and when the rows are imported. */
export const CSV_OPTIONS = {
  bom: true,
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: 1024 * 1024,
} as const;

/** A header's columns (CRM-4): any order, each once, others refused by name. A custom field is the lead's, else the contact's. */
export function readColumns(header: readonly string[], catalog: Catalog, path: readonly string[]): Outcome<Column[]> {
  const problems: Problem[] = [];
  const columns = new Map<string, Column>();
  for (const text of header) {
    const name = text.trim();
    const column = columnOf(name, catalog);
    if (!column) problems.push(problem("UNKNOWN_COLUMN", `The column "${name.slice(0, 100)}" is not known.`, path));
    else if (columns.has(name)) problems.push(problem("DUPLICATE", `The column "${name}" stands twice.`, path));
    else columns.set(name, column);
  }
  if (!columns.has("lead_name")) problems.push(problem("REQUIRED", `The column "lead_name" is missing.`, path));
  return problems.length > 0 ? refused(problems) : done([...columns.values()]);
}

/** The header of content that begins with `start`. */
export function headerOf(start: Buffer, path: readonly string[]): Outcome<string[]> {
  try {
    const text = start.subarray(0, MAX_HEADER_BYTES);
    const [header] = parse(text, { ...CSV_OPTIONS, to: 1 }) as string[][];
    return header ? done(header) : refused([problem("EMPTY", "The file is empty.", path)]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refused([problem("INVALID_VALUE", `The header cannot be read: ${reason.slice(0, 200)}`, path)]);
  }
}

function columnOf(name: string, catalog: Catalog): Column | null {
  const kind = STANDARD_COLUMNS.find((column) => column === name);
  if (kind) return { kind };
  if (!name.startsWith(CUSTOM_PREFIX)) return null;
  const fieldName = name.slice(CUSTOM_PREFIX.length);
  const field = catalog.fieldNamed("LEAD", fieldName) ?? catalog.fieldNamed("CONTACT", fieldName);
  return field ? { kind: "custom", field } : null;
}
