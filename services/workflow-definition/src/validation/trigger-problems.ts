import { checkCondition, type ConditionFault } from "@cadenza/conditions";
import type { Trigger } from "@cadenza/contracts";
import { type UserError, userError } from "@cadenza/subgraph";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

type Known = Pick<References, "customFields">;

/** A field may have gone since the conditions were saved. */
export function reportTrigger(trigger: Trigger, references: Known, report: Report): void {
  for (const { code, message, path } of faultsOf(trigger, references)) {
    report(code, ["trigger.conditions", ...path].join("."), message);
  }
}

/** What is wrong with conditions that are about to be saved: there is no day on which they could be right. */
export function triggerErrors(trigger: Trigger, references: Known, path: readonly string[]): UserError[] {
  return faultsOf(trigger, references).map((fault) => {
    return userError(fault.code, fault.message, [...path, "conditions", ...fault.path]);
  });
}

function faultsOf({ conditions, event }: Trigger, { customFields }: Known): ConditionFault[] {
  return conditions ? checkCondition(conditions, { customFields: [...customFields.values()], event }) : [];
}
