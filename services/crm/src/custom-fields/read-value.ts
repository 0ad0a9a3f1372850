import type { CustomField } from "./custom-field.ts";
import { choiceKey } from "./custom-field.ts";

/** Users by what a text may call them. */
export type UserNames = {
  /** A user's id where `text` is one, or a user's address. */
  idOf: (text: string) => string | null;
};

/**
 * A text (a cell of a file, a rendered template) as a value for `checkValue`: lists by `;`, numbers as numbers, choices
 * in their own spelling, users by id or address. What cannot be read stays text, and `checkValue` says what is wrong.
 */
export function readValue(field: CustomField, text: string, users: UserNames): unknown {
  if (text.trim() === "") return null;
  if (!field.multiple) return readOne(field, text, users);
  const parts = text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return [...new Set(parts.map((part) => readOne(field, part, users)))];
}

/** Words that `UserNames` must know about. */
export function userWordsIn(field: CustomField, text: string): string[] {
  if (field.type !== "USER") return [];
  return (field.multiple ? text.split(";") : [text]).map((part) => part.trim()).filter((part) => part !== "");
}

function readOne(field: CustomField, text: string, users: UserNames): unknown {
  const trimmed = text.trim();
  switch (field.type) {
    case "TEXT":
      return text;
    case "NUMBER":
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
    case "CHOICE":
      if (field.choices.includes(trimmed)) return trimmed;
      return field.choices.find((choice) => choiceKey(choice) === choiceKey(trimmed)) ?? trimmed;
    case "USER":
      return users.idOf(trimmed) ?? trimmed;
    default:
      return trimmed;
  }
}
