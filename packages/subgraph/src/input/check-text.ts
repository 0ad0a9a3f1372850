import { badUserInput } from "./bad-user-input.ts";

export type TextLimits = {
  /** UTF-16 code units at most. */
  max: number;
  /** Code units at least, after trimming (default 0; 1 refuses a blank text). */
  min?: number;
};

/**
 * @returns the text as given.
 * @throws BAD_USER_INPUT for one that is too long, too short, holds NUL, or is not well-formed UTF-16.
 */
export function checkText(value: string, path: readonly string[], limits: TextLimits): string {
  if (value.length > limits.max) throw badUserInput(`At most ${limits.max} characters, not ${value.length}.`, path);
  if (value.trim().length < (limits.min ?? 0))
    throw badUserInput(limits.min === 1 ? "This must not be blank." : `At least ${limits.min} characters.`, path);
  if (value.includes("\u0000") || !value.isWellFormed())
    throw badUserInput("The text holds characters that cannot be stored.", path);
  return value;
}
