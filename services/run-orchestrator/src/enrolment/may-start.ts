import type { Definition, Exclusivity, Reason, WorkflowStatus } from "@cadenza/contracts";
import type { EnrolmentHistory } from "../runs/run-repository.ts";
import { START_REFUSALS } from "./start-refusals.ts";

export type StartQuestion = {
  workflowStatus: WorkflowStatus;
  reentry: Definition["reentry"];
  /** What the contact's earlier runs of this workflow say; undefined where there are none. */
  history: EnrolmentHistory | undefined;
  /** Of a workflow of an exclusivity group: whether another one of the group has an open run for the contact. */
  exclusivity?: { rule: Exclusivity; isTaken: boolean } | null;
  now: Date;
};

const DAY_MS = 86_400_000;

/**
 * Why a contact may not be enrolled now, or null (ENR-1, ENR-2). Where several reasons hold, an open run comes first (ENR-6),
 * and what no deed at the contact's other runs can change comes before the group.
 */
export function mayStart({ workflowStatus, reentry, history, exclusivity, now }: StartQuestion): Reason | null {
  if (history?.openRunId) return START_REFUSALS.alreadyEnrolled;
  if (workflowStatus !== "ACTIVE") return START_REFUSALS.workflowNotActive(workflowStatus);
  if (history && reentry.mode === "ONCE") return START_REFUSALS.reentryNotAllowed;
  const days = reentry.minimumDaysSinceLastStart;
  if (history && now.getTime() < history.lastStartedAt.getTime() + days * DAY_MS)
    return START_REFUSALS.reentryTooSoon(days);
  if (!exclusivity?.isTaken || exclusivity.rule.onConflict === "REPLACE") return null;
  return START_REFUSALS.exclusivity(exclusivity.rule.group);
}
