import type { CreateTaskCommand, CrmReader, OrganizationView, SubjectView, UserView } from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import { assigneeIdsOf } from "./assignees-of.ts";

export type TaskSubjects = {
  organization: OrganizationView;
  /** In the order of the commands. */
  subjects: SubjectView[];
  users: ReadonlyMap<string, UserView>;
};

/**
 * Reads what a batch is about in one call, and in a second the users that only a lead's custom field names.
 * @throws ServiceUnavailableError when crm does not answer.
 */
export async function readSubjects(
  crm: Pick<CrmReader, "getSubjects">,
  { organizationId }: OrganizationScope,
  commands: readonly CreateTaskCommand[],
): Promise<TaskSubjects> {
  const { organization, subjects } = await crm.getSubjects({
    organizationId,
    followMerges: true,
    subjects: commands.map(({ leadId, contactId, opportunityId, assignee, creatorOrEnrollingUserId }) => ({
      leadId,
      contactId,
      opportunityId,
      userIds: [assignee.userId, creatorOrEnrollingUserId].filter(isId),
    })),
  });
  const users = new Map(subjects.flatMap((subject) => usersOf(subject)).map((user) => [user.id, user]));
  const missing = new Set(
    commands.flatMap((command, index) => {
      const lead = subjects[index]?.lead;
      if (command.assignee.mode !== "CUSTOM_FIELD" || !lead) return [];
      return assigneeIdsOf(command, lead).filter((id) => isId(id) && !users.has(id));
    }),
  );
  if (missing.size > 0) {
    const { leadId } = commands[0]!;
    const request = { leadId, contactId: null, opportunityId: null, userIds: [...missing] };
    const named = await crm.getSubjects({ organizationId, subjects: [request] });
    for (const user of named.subjects.flatMap(usersOf)) users.set(user.id, user);
  }
  return { organization, subjects, users };
}

function usersOf({ users }: SubjectView): UserView[] {
  return users.filter((user) => user !== null);
}
