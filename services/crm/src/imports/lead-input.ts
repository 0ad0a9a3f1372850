import { z } from "zod";
import type { Catalog } from "../catalog/catalog.ts";
import { readValue, type UserNames, userWordsIn } from "../custom-fields/read-value.ts";
import type { CustomFieldValueInput } from "../custom-fields/read-values.ts";
import type { CreateLeadInput } from "../leads/read-lead.ts";
import { done, type Outcome, problem, refused } from "../values/problem.ts";
import type { Column, StandardColumn } from "./csv-columns.ts";

const value = z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])), z.null()]);
const customFields = z
  .array(z.strictObject({ fieldId: z.string(), value: value.optional() }))
  .max(500)
  .nullish();
const timeZone = z.string().refine(isTimeZone, "is not an IANA zone").nullish();
const contactSchema = z.strictObject({
  name: z.string(),
  title: z.string().nullish(),
  timeZone,
  emails: z.array(z.string()).nullish(),
  phones: z.array(z.string()).nullish(),
  customFields,
});
const leadSchema = z.strictObject({
  name: z.string(),
  description: z.string().nullish(),
  url: z.string().nullish(),
  statusId: z.string().nullish(),
  customFields,
  contacts: z.array(contactSchema).nullish(),
  idempotencyKey: z.string().nullish(),
});

/** What decoding puts where bytes are no UTF-8: text in another encoding would be stored damaged. */
const DAMAGED = "\uFFFD";
const notUtf8 = () => refused([problem("INVALID_VALUE", "this is not UTF-8; save the file as UTF-8", [])]);

/** A line of JSON lines as the input of `createLead`. */
export function leadInputOfJson(json: string): Outcome<CreateLeadInput> {
  if (json.includes(DAMAGED)) return notUtf8();
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refused([problem("INVALID_VALUE", `not JSON: ${reason.slice(0, 100)}`, [])]);
  }
  const checked = leadSchema.safeParse(parsed);
  if (checked.success) return done(checked.data);
  return refused(checked.error.issues.map(({ message, path }) => problem("INVALID_VALUE", message, path.map(String))));
}

/** A record of a CSV as the input of `createLead`, with one contact at most. */
export function leadInputOfCells(
  cells: readonly string[],
  columns: readonly Column[],
  catalog: Catalog,
  users: UserNames,
): Outcome<CreateLeadInput> {
  if (cells.length !== columns.length) {
    const message = `${cells.length} cells, but the header has ${columns.length} columns`;
    return refused([problem("INVALID_VALUE", message, [])]);
  }
  if (cells.some((cell) => cell.includes(DAMAGED))) return notUtf8();
  const text = (kind: StandardColumn) => (cells[columns.findIndex((column) => column.kind === kind)] ?? "").trim();
  const custom = { LEAD: [] as CustomFieldValueInput[], CONTACT: [] as CustomFieldValueInput[] };
  columns.forEach((column, index) => {
    if (column.kind !== "custom") return;
    const read = readValue(column.field, cells[index]!, users);
    if (read === null) return;
    custom[column.field.object === "LEAD" ? "LEAD" : "CONTACT"].push({ fieldId: column.field._id, value: read });
  });
  const statusName = text("lead_status");
  const status = statusName === "" ? null : catalog.leadStatusNamed(statusName);
  if (status === undefined) {
    return refused([problem("NOT_FOUND", `There is no lead status "${statusName.slice(0, 100)}".`, ["lead_status"])]);
  }
  const emails = listOf(text("contact_email"));
  const phones = listOf(text("contact_phone"));
  const name = text("contact_name") || emails[0] || phones[0];
  const title = text("contact_title") || null;
  const contacts = name ? [{ name, title, emails, phones, customFields: custom.CONTACT }] : [];
  if (!name && (title || custom.CONTACT.length > 0)) {
    return refused([
      problem("REQUIRED", "The contact has neither a name nor an address nor a number.", ["contact_name"]),
    ]);
  }
  const url = text("lead_url") || null;
  return done({ name: text("lead_name"), url, statusId: status?._id ?? null, customFields: custom.LEAD, contacts });
}

/** Words by which a record's cells may name users. */
export function userWordsInCells(cells: readonly string[], columns: readonly Column[]): string[] {
  return columns.flatMap((column, index) =>
    column.kind === "custom" ? userWordsIn(column.field, cells[index] ?? "") : [],
  );
}

function listOf(text: string): string[] {
  return text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function isTimeZone(name: string): boolean {
  try {
    return name.length <= 64 && new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
