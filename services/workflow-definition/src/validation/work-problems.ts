import type { AssignUserStep, CallStep, TaskStep } from "@cadenza/contracts";
import { checkTemplate } from "@cadenza/templating";
import { LIMITS } from "../limits.ts";
import { isOptionalAfter } from "../steps/work-input.ts";
import { reportDelay } from "./delay-problems.ts";
import { reportGroups } from "./group-problems.ts";
import { CALL_ASSIGNEE, reportPerson, reportUserField, TASK_ASSIGNEE } from "./person-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";
import { reportUser } from "./user-problems.ts";

export function reportCall(step: CallStep, references: References, report: Report): void {
  reportPerson(step.assignee, CALL_ASSIGNEE, "call.assignee", references, report);
  const days = step.optionalAfterDays;
  if (days === null || isOptionalAfter(days)) return;
  report("OUT_OF_RANGE", "call.optionalAfterDays", `A call task is skipped after 1 to ${LIMITS.delayDays} days.`);
}

export function reportTask(step: TaskStep, references: References, report: Report): void {
  const { assignee, description, due } = step;
  if (description.trim() === "") {
    report("DESCRIPTION_MISSING", "task.description", "The task has no description; say what is to be done.");
  }
  const fault = checkTemplate(description, "text");
  if (fault) report(fault.code, "task.description", fault.message);
  if (due) reportDelay(due, "task.due", report);
  reportPerson(assignee, TASK_ASSIGNEE, "task.assignee", references, report);
}

/** A user custom field of the lead, and unless it is cleared either a user or groups (ASG-1, ASG-2). */
export function reportAssignUser(step: AssignUserStep, references: References, report: Report): void {
  const { targetFieldId, action, userId, groupIds } = step;
  const target = "assignUser.targetFieldId";
  if (targetFieldId === null)
    report("TARGET_MISSING", target, "The step has no target; choose a user field of the lead.");
  else reportUserField(targetFieldId, ["LEAD"], target, references, report);
  if (action === "UNASSIGN") return;
  if (userId === null && groupIds.length === 0) {
    report("ASSIGNEE_MISSING", "assignUser.userId", "The step assigns nobody; choose a user, or one or more groups.");
  } else if (userId !== null && groupIds.length > 0) {
    report("ASSIGNEE_AMBIGUOUS", "assignUser.groupIds", "Choose either a user or groups, not both.");
  }
  if (userId !== null) reportUser(userId, "assignUser.userId", references, report);
  if (groupIds.length > 0) reportGroups(groupIds, "assignUser.groupIds", references, report);
}
