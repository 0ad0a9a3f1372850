import type { Definition, Reason, WorkflowStatus } from "@cadenza/contracts";
import type { EnrolmentHistory } from "../runs/run-repository.ts";
import { START_REFUSALS } from "./start-refusals.ts";

export type StartQuestion = {
  workflowStatus: WorkflowStatus;
  reentry: Definition["reentry"];
  /** What the contact's earlier runs of this workflow say; undefined where there are none. */
  history: EnrolmentHistory | undefined;
  now: Date;
};

const DAY_MS = 86_400_000;

/** Why a contact may not be enrolled now, or null (ENR-1). Where several reasons hold, an open run comes first (ENR-6). */
export function mayStart({ workflowStatus, reentry, history, now }: StartQuestion): Reason | null {
  if (history?.openRunId) return START_REFUSALS.alreadyEnrolled;
  if (workflowStatus !== "ACTIVE") return START_REFUSALS.workflowNotActive(workflowStatus);
  if (!history) return null;
  if (reentry.mode === "ONCE") return START_REFUSALS.reentryNotAllowed;
  const days = reentry.minimumDaysSinceLastStart;
  return now.getTime() < history.lastStartedAt.getTime() + days * DAY_MS ? START_REFUSALS.reentryTooSoon(days) : null;
}
