import { checkCondition } from "@cadenza/conditions";
import type { Trigger } from "@cadenza/contracts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

export function reportTrigger(trigger: Trigger, references: References, report: Report): void {
  if (!trigger.conditions) return;
  for (const { code, message, path } of checkCondition(trigger.conditions, {
    customFields: [...references.customFields.values()],
    event: trigger.event,
  })) {
    report(code, ["trigger.conditions", ...path].join("."), message);
  }
}
