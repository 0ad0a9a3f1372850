import { type UserError, userError } from "@cadenza/subgraph";

/** The one of `names` that `input` gives; a user error where it gives none or several. */
export function exactlyOne<N extends string>(
  input: { readonly [K in N]?: unknown },
  names: readonly N[],
  path: readonly string[],
  errors: UserError[],
): N | null {
  const given = names.filter((name) => input[name] !== null && input[name] !== undefined);
  if (given.length === 1) return given[0]!;
  errors.push(userError("EXACTLY_ONE_OF", `Give exactly one of ${names.join(", ")}.`, path));
  return null;
}
