import type { OrganizationScope } from "@cadenza/storage";
import type { RunStatus } from "../runs/model.ts";
import type { RunStore } from "../runs/store.ts";

export type RunCounts = Record<"active" | "paused" | "finished" | "goalMet" | "error" | "canceled" | "total", number>;

const FIELD: Record<RunStatus, keyof RunCounts> = {
  ACTIVE: "active",
  PAUSED: "paused",
  FINISHED: "finished",
  GOAL_MET: "goalMet",
  ERROR: "error",
  CANCELED: "canceled",
};

/** Runs by status, for several workflows at once; an index alone answers it. In the order of `workflowIds`. */
export async function countRuns(
  runs: RunStore,
  scope: OrganizationScope,
  workflowIds: readonly string[],
): Promise<RunCounts[]> {
  const groups = await runs.tenant.aggregate<{ _id: { workflowId: string; status: RunStatus }; count: number }>(scope, [
    { $match: { workflowId: { $in: [...new Set(workflowIds)] } } },
    { $group: { _id: { workflowId: "$workflowId", status: "$status" }, count: { $sum: 1 } } },
  ]);
  const byWorkflow = new Map(workflowIds.map((id) => [id, noRuns()]));
  for (const { _id, count } of groups) {
    const counts = byWorkflow.get(_id.workflowId)!;
    counts[FIELD[_id.status]] += count;
    counts.total += count;
  }
  return workflowIds.map((id) => byWorkflow.get(id)!);
}

function noRuns(): RunCounts {
  return { active: 0, paused: 0, finished: 0, goalMet: 0, error: 0, canceled: 0, total: 0 };
}
