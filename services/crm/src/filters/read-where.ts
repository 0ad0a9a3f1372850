import { checkCondition, isInstant } from "@cadenza/conditions";
import type { Condition, ConditionTest } from "@cadenza/contracts";
import { badUserInput } from "@cadenza/subgraph";
import type { Catalog } from "../catalog/catalog.ts";
import { customFieldView } from "../rpc/views.ts";
import { storedField } from "./stored-field.ts";

/**
 * A filter's condition, once it is clear that all of it can be looked for.
 * @param sides the objects whose fields it may speak of.
 * @throws BAD_USER_INPUT with the path to what is wrong.
 */
export function readWhere(
  where: unknown,
  catalog: Catalog,
  sides: readonly ("lead" | "contact")[],
  path: readonly string[],
): Condition {
  const customFields = [...catalog.fields.values()].map(customFieldView);
  const [fault] = checkCondition(where, { customFields, event: null });
  if (fault) throw badUserInput(fault.message, [...path, ...fault.path]);
  const condition = withoutNulls(where as LooseCondition);
  for (const { test, at } of testsOf(condition, [...path])) {
    const side = sides.find((name) => test.path.startsWith(`${name}.`));
    if (!side) {
      throw badUserInput(`This filter knows fields of the ${sides.join(" and the ")} only.`, [...at, "path"]);
    }
    // Texts are found as they are spelled, and two spellings of one instant are equal.
    const { kind } = storedField(test.path, catalog.fields);
    if ((kind === "TEXT" || kind === "ADDRESS") && [test.value].flat().some(isInstant)) {
      throw badUserInput("A filter does not look for an instant in a text.", [...at, "value"]);
    }
  }
  return condition;
}

/** As the graph spells it: keys that are left out may be null. */
type LooseCondition = {
  all?: LooseCondition[] | null;
  any?: LooseCondition[] | null;
  not?: LooseCondition | null;
  test?: ConditionTest | null;
};

function withoutNulls({ all, any, not, test }: LooseCondition): Condition {
  if (all) return { all: all.map(withoutNulls) };
  if (any) return { any: any.map(withoutNulls) };
  if (not) return { not: withoutNulls(not) };
  return { test: test! };
}

function testsOf(condition: Condition, at: string[]): { test: ConditionTest; at: string[] }[] {
  if ("test" in condition) return [{ test: condition.test, at: [...at, "test"] }];
  if ("not" in condition) return testsOf(condition.not, [...at, "not"]);
  const [name, parts] = "all" in condition ? ["all", condition.all] : ["any", condition.any];
  return (parts as Condition[]).flatMap((part, index) => testsOf(part, [...at, name as string, String(index)]));
}

/** Whether a condition speaks of one of the objects. */
export function speaksOf(side: "lead" | "contact", condition: Condition): boolean {
  return testsOf(condition, []).some(({ test }) => test.path.startsWith(`${side}.`));
}
