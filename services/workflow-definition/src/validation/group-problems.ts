import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

/** At least one group, each of them with somebody who is active. */
export function reportGroups(groupIds: readonly string[], field: string, references: References, report: Report): void {
  if (groupIds.length === 0) report("GROUP_MISSING", field, "No group is chosen; choose one or more.");
  for (const id of groupIds) {
    const activeMembers = references.groups.get(id);
    if (activeMembers === undefined) report("GROUP_NOT_FOUND", field, `There is no group ${id}.`);
    else if (activeMembers === 0) report("GROUP_EMPTY", field, `The group ${id} has no active member.`);
  }
}
