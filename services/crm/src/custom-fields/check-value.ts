import { MAX_LIST_VALUES, MAX_TEXT, MAX_URL } from "../values/limits.ts";
import { done, type Outcome, type Problem, problem, refused } from "../values/problem.ts";
import { isStorable } from "../values/text.ts";
import { isWebUrl } from "../values/url.ts";
import type { CustomField } from "./custom-field.ts";

/** What a value is checked against besides its field. */
export type ValueFacts = {
  /** Ids of the organization's users among those that the values name. */
  userIds: ReadonlySet<string>;
};

/**
 * A custom field's value as it is stored, or what is wrong with it (CRM-1). Null, "" and [] empty the field: null.
 * @param path leads to the value; a fault in a list says which entry.
 */
export function checkValue(
  field: CustomField,
  value: unknown,
  facts: ValueFacts,
  path: readonly string[],
): Outcome<unknown> {
  if (value === null || value === undefined || value === "") return done(null);
  if (!field.multiple) return checkOne(field, value, facts, path);
  if (!Array.isArray(value)) {
    return refused([problem("INVALID_VALUE", `The field "${field.name}" takes a list.`, path)]);
  }
  if (value.length === 0) return done(null);
  if (value.length > MAX_LIST_VALUES) {
    return refused([problem("TOO_MANY", `A list holds at most ${MAX_LIST_VALUES} values.`, path)]);
  }
  const problems: Problem[] = [];
  const values: unknown[] = [];
  for (const [index, entry] of value.entries()) {
    const here = [...path, String(index)];
    const checked = checkOne(field, entry, facts, here);
    if (!checked.ok) problems.push(...checked.problems);
    else if (values.includes(checked.value)) {
      problems.push(problem("DUPLICATE", "A list holds each value once.", here));
    } else values.push(checked.value);
  }
  const length = values.reduce<number>((sum, entry) => sum + String(entry).length, 0);
  if (length > MAX_TEXT) problems.push(problem("TOO_LONG", `A list holds at most ${MAX_TEXT} characters.`, path));
  return problems.length > 0 ? refused(problems) : done(values);
}

/** Ids of users that a value names: what `ValueFacts` must know about. */
export function userIdsIn(field: CustomField, value: unknown): string[] {
  if (field.type !== "USER") return [];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((entry) => typeof entry === "string");
}

function checkOne(field: CustomField, value: unknown, facts: ValueFacts, path: readonly string[]): Outcome<unknown> {
  const invalid = (expected: string) =>
    refused([problem("INVALID_VALUE", `The field "${field.name}" takes ${expected}.`, path)]);
  if (field.type === "NUMBER") {
    return typeof value === "number" && Number.isFinite(value) ? done(value) : invalid("a number");
  }
  if (typeof value !== "string" || !isStorable(value)) return invalid(EXPECTED[field.type]);
  switch (field.type) {
    case "TEXT":
      if (value.length <= MAX_TEXT) return done(value);
      return refused([problem("TOO_LONG", `This must not be longer than ${MAX_TEXT} characters.`, path)]);
    case "DATE":
      return isDate(value) ? done(value) : invalid(EXPECTED.DATE);
    case "DATETIME": {
      const at = readInstant(value);
      return at ? done(at.toISOString()) : invalid(EXPECTED.DATETIME);
    }
    case "URL":
      return value.length <= MAX_URL && isWebUrl(value) ? done(value) : invalid(EXPECTED.URL);
    case "CHOICE":
      if (field.choices.includes(value)) return done(value);
      return refused([
        problem("INVALID_CHOICE", `"${shortened(value)}" is not a choice of the field "${field.name}".`, path),
      ]);
    case "USER":
      if (facts.userIds.has(value)) return done(value);
      return refused([
        problem("INVALID_CHOICE", `"${shortened(value)}" is not a user, as the field "${field.name}" needs.`, path),
      ]);
  }
}

const EXPECTED = {
  TEXT: "a text",
  DATE: "a calendar date such as 2026-12-25",
  DATETIME: "an instant such as 2026-11-23T09:30:00.000Z",
  URL: "a web address that begins with http:// or https://",
  CHOICE: "one of its choices",
  USER: "a user's id",
} as const;

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** RFC 3339 with a zone; null where it is none. */
function readInstant(text: string): Date | null {
  const date = /^(\d{4}-\d\d-\d\d)[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.exec(text)?.[1];
  if (date === undefined || !isDate(date)) return null;
  const at = new Date(text.toUpperCase());
  return Number.isNaN(at.getTime()) ? null : at;
}

export function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
