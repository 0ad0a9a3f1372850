import { isId } from "@cadenza/platform";
import { type UserError, userError } from "@cadenza/subgraph";

const MAX_ACCOUNTS = 200;

export type ChosenAccounts = {
  emailAccountIds?: readonly string[] | null | undefined;
  phoneNumberIds?: readonly string[] | null | undefined;
};

/**
 * Accounts and numbers that the caller chose (ENR-5), each once. Whether one is usable is looked up when a step sends, which
 * takes of them what it can use: an email goes by an account, a text by a number.
 */
export function chosenAccounts({
  emailAccountIds,
  phoneNumberIds,
}: ChosenAccounts): { ids: string[] } | { userErrors: UserError[] } {
  const userErrors = [
    ...faultsOf(emailAccountIds ?? [], "emailAccountIds", "account"),
    ...faultsOf(phoneNumberIds ?? [], "phoneNumberIds", "number"),
  ];
  if (userErrors.length > 0) return { userErrors };
  return { ids: [...new Set([...(emailAccountIds ?? []), ...(phoneNumberIds ?? [])])] };
}

function faultsOf(ids: readonly string[], field: string, word: string): UserError[] {
  const path = ["input", field];
  if (ids.length > MAX_ACCOUNTS)
    return [userError("TOO_MANY", `At most ${MAX_ACCOUNTS} ${word}s can be chosen.`, path)];
  const unknown = ids.flatMap((id, index) => (isId(id) ? [] : [String(index)]));
  return unknown.map((index) => userError("NOT_FOUND", `There is no such ${word}.`, [...path, index]));
}
