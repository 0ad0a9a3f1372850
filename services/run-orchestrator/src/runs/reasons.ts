import type { Actor, Reason } from "@cadenza/contracts";
import type { GoalCode } from "./decision.ts";

export const SYSTEM: Actor = { kind: "SYSTEM", id: null, label: "Cadenza" };

/** Why runs and steps are as they are. */
export const REASONS = {
  started: { code: "STARTED", message: "The run was started." },
  stepsEnded: { code: "STEPS_ENDED", message: "No step is left." },
  pausedByHand: { code: "PAUSED_BY_HAND", message: "Someone paused this run; resume it to go on." },
  resumedByHand: { code: "RESUMED_BY_HAND", message: "Someone resumed this run." },
  canceledByHand: { code: "CANCELED_BY_HAND", message: "Someone canceled this run." },
  retriedByHand: { code: "RETRIED_BY_HAND", message: "Someone had the failed step processed again." },
  skippedByHand: { code: "SKIPPED_BY_HAND", message: "Someone skipped this step." },
  resolvedLater: { code: "RESOLVED", message: "What became of the step is known after all." },
  workflowArchived: {
    code: "WORKFLOW_ARCHIVED",
    message: "The workflow was archived; activate it again and resume the run to go on.",
  },
  stepRemoved: { code: "STEP_REMOVED", message: "The step was removed from the workflow while its effect was open." },
  runCanceled: { code: "RUN_CANCELED", message: "The run was canceled before the step ended." },
  withdrawn: { code: "WITHDRAWN", message: "What the step had made was withdrawn." },
  outsideWindow: {
    code: "OUTSIDE_WINDOW",
    message: "The communication schedule is closed; the step is processed when it opens.",
  },
  blackout: {
    code: "BLACKOUT",
    message: "The date is blacked out in the communication schedule; the step is processed when it opens again.",
  },
  autoReply: {
    code: "AUTO_REPLY",
    message: "The contact's auto-reply says that they are away; the step is processed when they are back.",
  },
  noWindow: {
    code: "NO_WINDOW",
    message: "The communication schedule admits no instant within 400 days; change the schedule or skip the step.",
  },
  templateMissing: { code: "TEMPLATE_MISSING", message: "The step has no template; choose one and retry." },
  senderUnresolved: { code: "SENDER_UNRESOLVED", message: "The step says not who sends; choose a sender and retry." },
  assigneeUnresolved: {
    code: "ASSIGNEE_UNRESOLVED",
    message: "The step says not who is assigned; choose an assignee and retry.",
  },
  kindNotAvailable: {
    code: "KIND_NOT_AVAILABLE",
    message: "This version cannot carry out steps of this kind; skip the step, or remove it from the workflow.",
  },
  stepFailed: { code: "STEP_FAILED", message: "The step failed and gave no reason; retry or skip it." },
  internalError: {
    code: "INTERNAL_ERROR",
    message: "Cadenza failed at this step several times; retry it, and report it if it fails again.",
  },
} as const satisfies Record<string, Reason>;

/** Why a run ended before its steps did (GOAL-1). */
export const GOAL_REASONS: Record<GoalCode, Reason> = {
  EMAIL_REPLY: { code: "EMAIL_REPLY", message: "The contact replied by email." },
  SMS_REPLY: { code: "SMS_REPLY", message: "The contact replied by SMS." },
  CALL_ANSWERED: { code: "CALL_ANSWERED", message: "The contact called, and the call was answered." },
  MEETING_BOOKED: { code: "MEETING_BOOKED", message: "A meeting was booked." },
  LEAD_STATUS_REACHED: { code: "LEAD_STATUS_REACHED", message: "The lead reached a status that is a goal." },
  OPPORTUNITY_STATUS_REACHED: {
    code: "OPPORTUNITY_STATUS_REACHED",
    message: "An opportunity reached a status that is a goal.",
  },
};
export const MARKED_AS_RESPONDED: Reason = {
  code: "MARKED_AS_RESPONDED",
  message: "Someone marked the contact as responded; resume the run to go on.",
};

/** Why an action on a run is refused (ENR-6). */
export const REFUSALS = {
  notResumable: (status: string): Reason => ({
    code: "RUN_NOT_RESUMABLE",
    message:
      status === "ERROR"
        ? "A run that stands at a failed step goes on by retryRun or skipStep."
        : `A run that is ${status} cannot be resumed.`,
  }),
  workflowArchived: {
    code: "RUN_NOT_RESUMABLE",
    message: "The workflow is archived; activate it first, then resume the run.",
  },
  subjectGone: {
    code: "RUN_NOT_RESUMABLE",
    message: "The lead or contact of this run does not exist any more.",
  },
  nothingLeft: {
    code: "RUN_NOT_RESUMABLE",
    message: "The workflow has no step left for this run; add one behind its last step, then resume.",
  },
  notRetryable: (status: string): Reason => ({
    code: "RUN_NOT_RETRYABLE",
    message: `Only a run that is ERROR has a step to retry; this one is ${status}.`,
  }),
  notOpen: (status: string): Reason => ({ code: "RUN_NOT_OPEN", message: `The run is over (${status}).` }),
  stepNotCurrent: {
    code: "STEP_NOT_CURRENT",
    message: "The run does not stand at this step; look at its next action and try again.",
  },
  goalOff: {
    code: "GOAL_OFF",
    message: 'The goal "marked as responded" is off in this workflow; pause the run instead.',
  },
  notMarkedByCall: { code: "RUN_NOT_RESUMABLE", message: "This call did not mark the run as responded." },
  communicationStepOpen: {
    code: "COMMUNICATION_STEP_OPEN",
    message: "A message of this run is under way; change the recipient once that step has ended, or skip it first.",
  },
} as const;
