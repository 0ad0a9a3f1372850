import type { Step, Trigger, UpdateOpportunityStep } from "@cadenza/contracts";
import { reportAvailability } from "./availability-problems.ts";
import { reportDelay } from "./delay-problems.ts";
import { reportFields } from "./field-problems.ts";
import { reportEmail, reportSms } from "./message-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";
import { reportAssignUser, reportCall, reportTask } from "./work-problems.ts";

/** Every fault of one step. */
export function reportStep(step: Step, trigger: Trigger | null, references: References, report: Report): void {
  reportDelay(step.delay, "delay", report);
  reportAvailability(step, report);
  switch (step.kind) {
    case "EMAIL":
      return reportEmail(step, references, report);
    case "SMS":
      return reportSms(step, references, report);
    case "CALL":
      return reportCall(step, references, report);
    case "TASK":
      return reportTask(step, references, report);
    case "ASSIGN_USER":
      return reportAssignUser(step, references, report);
    case "CREATE_OPPORTUNITY":
    case "UPDATE_LEAD":
      return reportFields(step, references, report);
    case "UPDATE_OPPORTUNITY":
      reportTarget(step, trigger, report);
      return reportFields(step, references, report);
  }
}

/** The triggering opportunity exists only where one starts the runs (OPP-2). */
function reportTarget({ target }: UpdateOpportunityStep, trigger: Trigger | null, report: Report): void {
  if (target !== "TRIGGERING" || trigger?.event.startsWith("OPPORTUNITY_")) return;
  const message = "TRIGGERING needs a trigger by an opportunity; choose NEWEST or OLDEST, or another trigger.";
  report("TARGET_NOT_ALLOWED", "updateOpportunity.target", message);
}
