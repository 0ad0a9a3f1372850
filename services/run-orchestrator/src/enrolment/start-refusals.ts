import type { Reason, WorkflowStatus } from "@cadenza/contracts";

/** How many workflows may stand one behind another (TRG-4). */
export const MAX_CHAIN = 8;

/** Why a workflow does not start (ENR-6). */
export const START_REFUSALS = {
  alreadyEnrolled: {
    code: "ALREADY_ENROLLED",
    message: "The contact has an open run of this workflow; end it first.",
  },
  workflowNotActive: (status: WorkflowStatus): Reason => ({
    code: "WORKFLOW_NOT_ACTIVE",
    message: `Only an active workflow starts runs; this one is ${status}.`,
  }),
  reentryNotAllowed: {
    code: "REENTRY_NOT_ALLOWED",
    message: "The contact has been in this workflow before, and its re-entry rule says once.",
  },
  reentryTooSoon: (days: number): Reason => ({
    code: "REENTRY_TOO_SOON",
    message: `The workflow asks for ${days} ${days === 1 ? "day" : "days"} between two starts for one contact.`,
  }),
  exclusivity: (group: string): Reason => ({
    code: "EXCLUSIVITY",
    message: `The contact has an open run of another workflow of the exclusivity group "${group}"; end it first.`,
  }),
  noRecipient: {
    code: "NO_RECIPIENT",
    message: "There is no contact to address; add one to the lead.",
  },
  selfTriggered: {
    code: "SELF_TRIGGERED",
    message: "The change was made by a run of this same workflow, which never triggers itself.",
  },
  chainTooDeep: {
    code: "CHAIN_TOO_DEEP",
    message: `The change came at the end of a chain of ${MAX_CHAIN} workflows; a chain goes no further.`,
  },
  subjectGone: {
    code: "NOT_FOUND",
    message:
      "The lead, contact or opportunity does not exist any more; it was deleted or merged before the workflow started.",
  },
  notJudged: {
    code: "INTERNAL_ERROR",
    message: "The trigger's conditions could not be judged for a reason of our own; enroll the contact by hand.",
  },
  contactNotFound: { code: "NOT_FOUND", message: "There is no such contact." },
  failed: {
    code: "INTERNAL_ERROR",
    message: "Something went wrong on our side; enroll this contact again.",
  },
} as const;
