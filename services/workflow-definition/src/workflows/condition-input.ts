import type { Condition, ConditionOp } from "@cadenza/contracts";
import { checkText, type UserError, userError } from "@cadenza/subgraph";
import { exactlyOne } from "../exactly-one.ts";
import { LIMITS } from "../limits.ts";

export type ConditionInput = {
  all?: ConditionInput[] | null;
  any?: ConditionInput[] | null;
  not?: ConditionInput | null;
  test?: { path: string; op: ConditionOp; value?: unknown } | null;
};

const PARTS = ["all", "any", "not", "test"] as const;

/** Reads a trigger's conditions; what is answered is of no use where `errors` got any. */
export function readCondition(input: ConditionInput, path: readonly string[], errors: UserError[]): Condition {
  const budget = { nodes: LIMITS.conditionNodes };
  const condition = readPart(input, path, 1, budget, errors);
  if (budget.nodes < 0) {
    errors.push(userError("TOO_MANY", `Conditions have at most ${LIMITS.conditionNodes} parts.`, path));
  }
  return condition;
}

function readPart(
  input: ConditionInput,
  path: readonly string[],
  depth: number,
  budget: { nodes: number },
  errors: UserError[],
): Condition {
  if (--budget.nodes < 0) return { all: [] };
  if (depth > LIMITS.conditionDepth) {
    errors.push(userError("TOO_DEEP", `Conditions are nested at most ${LIMITS.conditionDepth} levels deep.`, path));
    return { all: [] };
  }
  const readList = (list: ConditionInput[], name: string): Condition[] =>
    list.map((part, index) => readPart(part, [...path, name, String(index)], depth + 1, budget, errors));
  switch (exactlyOne(input, PARTS, path, errors)) {
    case "all":
      return { all: readList(input.all!, "all") };
    case "any":
      return { any: readList(input.any!, "any") };
    case "not":
      return { not: readPart(input.not!, [...path, "not"], depth + 1, budget, errors) };
    case "test": {
      const { path: field, op, value } = input.test!;
      checkText(field, [...path, "test", "path"], { max: LIMITS.name, min: 1 });
      return { test: value === undefined ? { path: field, op } : { path: field, op, value } };
    }
    case null:
      return { all: [] };
  }
}
