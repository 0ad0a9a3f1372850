import type { Goals } from "@cadenza/contracts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

/** The statuses that end a run must exist (GOAL-1). */
export function reportGoals(goals: Goals, references: References, report: Report): void {
  for (const id of goals.leadStatusIds) {
    if (!references.leadStatusIds.has(id)) {
      report("LEAD_STATUS_NOT_FOUND", "goals.leadStatusIds", `There is no lead status ${id}.`);
    }
  }
  for (const id of goals.opportunityStatusIds) {
    if (!references.opportunityStatusIds.has(id)) {
      report("OPPORTUNITY_STATUS_NOT_FOUND", "goals.opportunityStatusIds", `There is no opportunity status ${id}.`);
    }
  }
}
