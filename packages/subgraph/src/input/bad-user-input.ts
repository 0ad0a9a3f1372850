import { CadenzaError } from "@cadenza/platform";

/** A value that cannot be what it is given as: nothing was written. `path` leads to it from the field's arguments. */
export function badUserInput(message: string, path: readonly string[]): CadenzaError {
  return new CadenzaError("BAD_USER_INPUT", message, { path });
}

/** Where an unknown id cannot be a user error or a null. @param what as in "There is no such lead." */
export function notFound(what: string): CadenzaError {
  return new CadenzaError("NOT_FOUND", `There is no such ${what}.`);
}
