import type { Reason } from "@cadenza/contracts";

/** Why a step that makes a task ended as it did. */
export const REASONS = {
  subjectDeleted: { code: "SUBJECT_DELETED", message: "The lead or the contact was deleted." },
  assigneeUnresolved: {
    code: "ASSIGNEE_UNRESOLVED",
    message: "Nobody can be found to assign the task to. Check the step's assignee, then retry.",
  },
  userDeactivated: {
    code: "USER_DEACTIVATED",
    message: "The user the task would be assigned to is deactivated. Choose another assignee, then retry.",
  },
  taskDeleted: { code: "TASK_DELETED", message: "The task was deleted before it was completed." },
} as const satisfies Record<string, Reason>;
