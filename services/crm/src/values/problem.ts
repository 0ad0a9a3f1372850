/** What is wrong with a value, where, and how to put it right: becomes a user error, a row error, or a step's reason. */
export type Problem = { code: string; message: string; path: string[] };

/** Either what was read or made, or everything that stands in its way; never both. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refused(problems: readonly Problem[]): Outcome<never> {
  return { ok: false, problems: [...problems] };
}

export function problem(code: string, message: string, path: readonly string[]): Problem {
  return { code, message, path: [...path] };
}

export function notFound(what: string, path: readonly string[]): Problem {
  return problem("NOT_FOUND", `There is no ${what} with this id.`, path);
}
