import { isId } from "@cadenza/platform";
import { type UserError, userError } from "@cadenza/subgraph";

const MAX_ACCOUNTS = 20;

/** Accounts that the caller chose (ENR-5), each once. Whether one is usable is looked up when a step sends. */
export function chosenAccounts(
  ids: readonly string[] | null | undefined,
): { ids: string[] } | { userErrors: UserError[] } {
  const chosen = [...new Set(ids ?? [])];
  const path = ["input", "emailAccountIds"];
  if (chosen.length > MAX_ACCOUNTS)
    return { userErrors: [userError("TOO_MANY", `At most ${MAX_ACCOUNTS} accounts can be chosen.`, path)] };
  const unknown = chosen.filter((id) => !isId(id));
  if (unknown.length === 0) return { ids: chosen };
  return {
    userErrors: unknown.map((id) =>
      userError("NOT_FOUND", "There is no such account.", [...path, String(ids?.indexOf(id))]),
    ),
  };
}
