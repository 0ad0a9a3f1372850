/** Something the caller can put right; the payload that carries it has changed nothing. */
export type UserError = { code: string; message: string; path: string[] | null };

/** @param path leads to the value at fault from the mutation's arguments. */
export function userError(code: string, message: string, path?: readonly string[]): UserError {
  return { code, message, path: path ? [...path] : null };
}
