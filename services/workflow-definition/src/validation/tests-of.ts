import type { Condition, ConditionTest } from "@cadenza/contracts";

/** All tests of a condition, in order. */
export function testsOf(condition: Condition | null): ConditionTest[] {
  if (!condition) return [];
  if ("test" in condition) return [condition.test];
  if ("not" in condition) return testsOf(condition.not);
  return ("all" in condition ? condition.all : condition.any).flatMap(testsOf);
}
