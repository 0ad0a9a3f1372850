import type { CreateTaskCommand, LeadView, Reason, UserView } from "@cadenza/contracts";
import { REASONS } from "../tasks/reasons.ts";

/** Ids of the users that an assignee rule means (WF-6, WF-7); none where it means nobody. */
export function assigneeIdsOf(command: CreateTaskCommand, lead: LeadView): string[] {
  const { mode, userId, customFieldId } = command.assignee;
  switch (mode) {
    case "USER":
      return userId ? [userId] : [];
    case "CREATOR_OR_ENROLLING_USER":
      return [command.creatorOrEnrollingUserId];
    case "CUSTOM_FIELD": {
      const value = customFieldId ? lead.custom[customFieldId] : null;
      const ids = (Array.isArray(value) ? value : [value]).filter(
        (id): id is string => typeof id === "string" && id !== "",
      );
      return [...new Set(ids)];
    }
    case "GROUP":
      return [];
  }
}

/** Those of the users who can be assigned; or why none can. One who is active is enough where a field names several. */
export function activeAssignees(ids: readonly string[], users: ReadonlyMap<string, UserView>): UserView[] | Reason {
  const found = ids.flatMap((id) => users.get(id) ?? []);
  const active = found.filter(({ status }) => status === "ACTIVE");
  if (active.length > 0) return active;
  return found.length > 0 ? REASONS.userDeactivated : REASONS.assigneeUnresolved;
}
