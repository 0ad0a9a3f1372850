import { RUN_STATUSES, type RunStatus } from "../runs/model.ts";
import type { Tally } from "./tally.ts";

export type RunCounts = Record<"active" | "paused" | "finished" | "goalMet" | "error" | "canceled" | "total", number>;

const FIELD: Record<RunStatus, keyof RunCounts> = {
  ACTIVE: "active",
  PAUSED: "paused",
  FINISHED: "finished",
  GOAL_MET: "goalMet",
  ERROR: "error",
  CANCELED: "canceled",
};

/** Runs by status, out of their tally. */
export function runCountsOf(tally: Tally): RunCounts {
  const counts = { active: 0, paused: 0, finished: 0, goalMet: 0, error: 0, canceled: 0, total: 0 };
  for (const status of RUN_STATUSES) {
    const count = tally.get(status) ?? 0;
    counts[FIELD[status]] = count;
    counts.total += count;
  }
  return counts;
}
