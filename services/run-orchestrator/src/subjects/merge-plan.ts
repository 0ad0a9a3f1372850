import type { Reason } from "@cadenza/contracts";
import type { Rival } from "../runs/run-repository.ts";

/**
 * Which open runs end because their contact became another one that has a run of the same workflow, or of the same
 * exclusivity group: the older stays (RUN-9), and of two as old that with the lower id.
 * @param open all open runs that the contact would have, its own and those that come to it.
 */
export function endedByMerge(open: readonly Rival[]): Map<string, Reason> {
  const ended = new Map<string, Reason>();
  const workflows = new Set<string>();
  const groups = new Set<string>();
  for (const { _id, workflowId, exclusivityGroup } of open.toSorted(byAge)) {
    if (workflows.has(workflowId)) ended.set(_id, OLDER_OF_WORKFLOW);
    else if (exclusivityGroup !== null && groups.has(exclusivityGroup)) ended.set(_id, olderOfGroup(exclusivityGroup));
    else {
      workflows.add(workflowId);
      if (exclusivityGroup !== null) groups.add(exclusivityGroup);
    }
  }
  return ended;
}

const OLDER_OF_WORKFLOW: Reason = {
  code: "MERGED",
  message: "The contact was merged with another one, whose older run of this workflow goes on.",
};

function olderOfGroup(group: string): Reason {
  const message = `The contact was merged with another one, whose older run of the exclusivity group "${group}" goes on.`;
  return { code: "MERGED", message };
}

function byAge(a: Rival, b: Rival): number {
  return a.startedAt.getTime() - b.startedAt.getTime() || (a._id < b._id ? -1 : 1);
}
