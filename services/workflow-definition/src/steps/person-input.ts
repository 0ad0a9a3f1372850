import type { PersonRule } from "@cadenza/contracts";
import { checkText, type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import type { Given } from "./given.ts";

export type PersonRuleInput = {
  mode: PersonRule["mode"];
  userId?: Given<string>;
  groupIds?: Given<string[]>;
  customFieldId?: Given<string>;
};

/** What the mode has no use for is left out, so that equal rules are equal documents. */
export function readPerson(
  input: Given<PersonRuleInput>,
  path: readonly string[],
  errors: UserError[],
): PersonRule | null {
  if (!input) return null;
  const { mode } = input;
  return {
    mode,
    userId: mode === "USER" ? readId(input.userId, [...path, "userId"]) : null,
    groupIds: mode === "GROUP" ? readIds(input.groupIds, "groups", [...path, "groupIds"], errors) : [],
    customFieldId: mode === "CUSTOM_FIELD" ? readId(input.customFieldId, [...path, "customFieldId"]) : null,
  };
}

/** A draft may name what does not exist, so only the form is looked at. */
export function readId(id: Given<string>, path: readonly string[]): string | null {
  return id ? checkText(id, path, { max: LIMITS.id }) : null;
}

/** A list of ids in their order, each once. `what` names them in the error of too many. */
export function readIds(
  ids: Given<readonly string[]>,
  what: string,
  path: readonly string[],
  errors: UserError[],
): string[] {
  if (!ids) return [];
  if (ids.length > LIMITS.ids) {
    errors.push(userError("TOO_MANY", `At most ${LIMITS.ids} ${what} can be named here.`, path));
    return [];
  }
  for (const [index, id] of ids.entries()) checkText(id, [...path, String(index)], { max: LIMITS.id, min: 1 });
  return [...new Set(ids)];
}
