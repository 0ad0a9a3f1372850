import { MAX_NAME, MAX_TEXT, MAX_TITLE } from "./limits.ts";
import { type Problem, problem } from "./problem.ts";

/** Control characters, and the separators that some programs read as the end of a line: none belongs in a name. */
const BREAKS = /[\p{Cc}\u2028\u2029]/u;

/** A name: required, one line. */
export function readName(text: string | null, path: readonly string[], problems: Problem[]): string {
  const name = text?.trim() ?? "";
  if (name === "") problems.push(problem("REQUIRED", "A name is needed.", path));
  else checkLine(name, MAX_NAME, path, problems);
  return name;
}

/** A title: one line; empty is null. */
export function readTitle(text: string | null, path: readonly string[], problems: Problem[]): string | null {
  const title = text?.trim() || null;
  if (title !== null) checkLine(title, MAX_TITLE, path, problems);
  return title;
}

/** A description or a note, lines and all; empty is null. */
export function readLongText(text: string | null, path: readonly string[], problems: Problem[]): string | null {
  if (text === null || text.trim() === "") return null;
  if (text.length > MAX_TEXT) problems.push(tooLong(MAX_TEXT, path));
  else if (!isStorable(text)) problems.push(unstorable(path));
  return text;
}

export function checkLine(text: string, max: number, path: readonly string[], problems: Problem[]): void {
  if (text.length > max) problems.push(tooLong(max, path));
  else if (!isStorable(text)) problems.push(unstorable(path));
  else if (BREAKS.test(text)) {
    problems.push(problem("INVALID_VALUE", "This must be one line, without control characters.", path));
  }
}

/** Text that comes back from the database as it went in. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

function unstorable(path: readonly string[]): Problem {
  return problem("INVALID_VALUE", "This holds characters that cannot be stored.", path);
}

export function tooLong(max: number, path: readonly string[]): Problem {
  return problem("TOO_LONG", `This must not be longer than ${max} characters.`, path);
}
