import type { FieldAssignment, Reason } from "@cadenza/contracts";
import { checkValue, shortened } from "../custom-fields/check-value.ts";
import { choiceKey, type CustomField } from "../custom-fields/custom-field.ts";
import { readValue, userWordsIn } from "../custom-fields/read-value.ts";
import { withValues } from "../custom-fields/read-values.ts";
import type { Lead } from "../leads/lead.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { MAX_CHOICE_LENGTH, MAX_CHOICES } from "../values/limits.ts";
import type { Problem } from "../values/problem.ts";
import { readLongText, readName } from "../values/text.ts";
import { readUrl } from "../values/url.ts";

/** What an assignment is judged by. `fields` holds the choices that earlier items of the batch have added. */
export type AssignmentFacts = {
  catalog: Catalog;
  /** False where the catalog may lack what was created in the last seconds. */
  isCatalogFresh: boolean;
  fields: ReadonlyMap<string, CustomField>;
  /** User ids by id and by address; a word that nobody has is null, one not yet looked up is absent. */
  users: ReadonlyMap<string, string | null>;
};

/** What must be known before an assignment can be judged. */
export type Wanted = { catalog: boolean; userWords: string[] };

export type Assigned =
  | { kind: "set"; lead: Lead; field?: CustomField }
  | { kind: "error"; reason: Reason }
  | { kind: "wanted"; wanted: Wanted };

type Options = { text: string | null; addMissingChoices: boolean };

const CUSTOM_PREFIX = "custom.";

/** Whether an assignment's field holds nothing yet; with overwrite off, only such fields are set (LEAD-1). */
export function isEmptyField(lead: Lead, field: string): boolean {
  const value = field.startsWith(CUSTOM_PREFIX)
    ? lead.custom[field.slice(CUSTOM_PREFIX.length)]
    : field === "description" || field === "url"
      ? lead[field]
      : "set";
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/**
 * A lead with one field set. Pure: what is not known is asked for.
 * @param options.text what the assignment's template has made; null where it has a plain value.
 */
export function assign(lead: Lead, assignment: FieldAssignment, options: Options, facts: AssignmentFacts): Assigned {
  const { field } = assignment;
  if (field.startsWith(CUSTOM_PREFIX)) return assignCustom(lead, assignment, options, facts);
  const value = options.text ?? assignment.value ?? null;
  if (value !== null && typeof value !== "string")
    return invalid("INVALID_VALUE", `The field "${field}" takes a text.`);
  const problems: Problem[] = [];
  switch (field) {
    case "name":
      return checked({ ...lead, name: readName(value, [field], problems) }, field, problems);
    case "description":
      return checked({ ...lead, description: readLongText(value, [field], problems) }, field, problems);
    case "url":
      return checked({ ...lead, url: readUrl(value, [field], problems) }, field, problems);
    case "status":
    case "statusId":
      return assignStatus(lead, value ?? "", facts);
    default:
      return invalid("UNKNOWN_FIELD", `A lead has no field "${shortened(field)}".`);
  }
}

function assignStatus(lead: Lead, text: string, { catalog, isCatalogFresh }: AssignmentFacts): Assigned {
  const status = catalog.leadStatus(text.trim()) ?? catalog.leadStatusNamed(text);
  if (status) return { kind: "set", lead: { ...lead, statusId: status._id } };
  if (!isCatalogFresh) return WANTED_CATALOG;
  return invalid("INVALID_CHOICE", `There is no lead status "${shortened(text)}".`);
}

function assignCustom(lead: Lead, assignment: FieldAssignment, options: Options, facts: AssignmentFacts): Assigned {
  const known = facts.fields.get(assignment.field.slice(CUSTOM_PREFIX.length));
  if (known?.object !== "LEAD") {
    if (!facts.isCatalogFresh) return WANTED_CATALOG;
    return invalid("UNKNOWN_FIELD", `A lead has no custom field "${shortened(assignment.field)}".`);
  }
  const text = options.text;
  const words = text === null ? wordsOfValue(known, assignment.value) : userWordsIn(known, text);
  const userWords = words.filter((word) => !facts.users.has(word));
  if (userWords.length > 0) return { kind: "wanted", wanted: { catalog: false, userWords } };
  const idOf = (word: string) => facts.users.get(word) ?? null;
  const given = text === null ? (assignment.value ?? null) : readValue(known, text, { idOf });

  const { field, value, added } = withMissingChoices(known, given, options.addMissingChoices);
  if (added && !facts.isCatalogFresh) return WANTED_CATALOG;
  if (field.choices.length > MAX_CHOICES) {
    return invalid("TOO_MANY_CHOICES", `The field "${field.name}" cannot take more than ${MAX_CHOICES} choices.`);
  }
  const userIds = new Set(words.map(idOf).filter((id) => id !== null));
  const result = checkValue(field, value, { userIds }, []);
  if (result.ok) {
    const custom = withValues(lead.custom, { [field._id]: result.value });
    return { kind: "set", lead: { ...lead, custom }, ...(added ? { field } : {}) };
  }
  const [problem] = result.problems;
  if (problem!.code === "INVALID_CHOICE" && !facts.isCatalogFresh) return WANTED_CATALOG;
  return invalid(problem!.code === "INVALID_CHOICE" ? "INVALID_CHOICE" : "INVALID_VALUE", problem!.message);
}

/** The field with the options it lacks, where they may be added; options in their own spelling. */
function withMissingChoices(
  field: CustomField,
  given: unknown,
  addMissing: boolean,
): { field: CustomField; value: unknown; added: boolean } {
  if (field.type !== "CHOICE" || !addMissing) return { field, value: given, added: false };
  const choices = [...field.choices];
  const spelled = (option: unknown): unknown => {
    if (typeof option !== "string" || option.trim() === "" || option.length > MAX_CHOICE_LENGTH) return option;
    const same = choices.find((choice) => choiceKey(choice) === choiceKey(option));
    if (same === undefined) choices.push(option.trim());
    return same ?? option.trim();
  };
  const value = Array.isArray(given) ? given.map(spelled) : spelled(given);
  const added = choices.length > field.choices.length;
  return { field: added ? { ...field, choices } : field, value, added };
}

function wordsOfValue(field: CustomField, value: unknown): string[] {
  if (field.type !== "USER") return [];
  return (Array.isArray(value) ? value : [value]).filter((word) => typeof word === "string");
}

function checked(lead: Lead, field: string, problems: readonly Problem[]): Assigned {
  const [problem] = problems;
  if (!problem) return { kind: "set", lead };
  return invalid("INVALID_VALUE", `The field "${field}" cannot be set: ${problem.message}`);
}

export const WANTED_CATALOG: Extract<Assigned, { kind: "wanted" }> = {
  kind: "wanted",
  wanted: { catalog: true, userWords: [] },
};

function invalid(code: string, message: string): Assigned {
  return { kind: "error", reason: { code, message } };
}
