import type { Goals, Reason } from "@cadenza/contracts";
import type { GoalSignal } from "./decision.ts";
import type { Draft } from "./draft.ts";
import { GOAL_REASONS } from "./reasons.ts";
import { stopCurrent } from "./stopping.ts";

/** What a contact did; the others are about the deal, and convert nobody. */
const ANSWERS: ReadonlySet<string> = new Set(["EMAIL_REPLY", "SMS_REPLY", "CALL_ANSWERED", "MEETING_BOOKED"]);

/** Whether the workflow has the goal that the signal speaks of (GOAL-1). */
export function isGoalOf(goals: Goals, { code, statusId }: Pick<GoalSignal, "code" | "statusId">): boolean {
  switch (code) {
    case "EMAIL_REPLY":
      return goals.emailReply;
    case "SMS_REPLY":
      return goals.smsReply;
    case "CALL_ANSWERED":
      return goals.callAnswered;
    case "MEETING_BOOKED":
      return goals.meetingBooked;
    case "LEAD_STATUS_REACHED":
      return statusId !== null && goals.leadStatusIds.includes(statusId);
    case "OPPORTUNITY_STATUS_REACHED":
      return statusId !== null && goals.opportunityStatusIds.includes(statusId);
  }
}

/**
 * Ends an open run, whatever it was doing, and stops what it has under way (GOAL-5). A signal from before the run, and the
 * event that started it, are not its goal.
 */
export function meetGoal(draft: Draft, goal: GoalSignal): void {
  const { run, definition, now } = draft;
  if (!run.open || !isGoalOf(definition.goals, goal)) return;
  if (run.startedAt > goal.at || run.event?.eventId === goal.sourceId) return;
  const reason: Reason = GOAL_REASONS[goal.code];
  stopCurrent(draft, reason);
  if (ANSWERS.has(goal.code)) run.respondedAt ??= goal.at < now ? goal.at : now;
  draft.setStatus("GOAL_MET", { kind: "GOAL", id: goal.sourceId, label: reason.message }, reason);
  run.wakeAt = null;
}

/** When a goal that was met before counted the contact as converted; null where none did. */
export function answeredByGoalAt(draft: Draft): Date | null {
  const met = draft.run.transitions.findLast(({ to, reason }) => to === "GOAL_MET" && ANSWERS.has(reason?.code ?? ""));
  return met?.at ?? null;
}
