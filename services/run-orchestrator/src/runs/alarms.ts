import type { StepExecution } from "./model.ts";

/** A command that nobody answers is asked again after this, then after ever longer. */
const FIRST_ASK_AGAIN_MS = 30_000;
const MAX_ASK_AGAIN_MS = 600_000;
/** An open effect ends by an event that cannot be lost; this only keeps the run from depending on it. */
const WAITING_RECHECK_MS = 6 * 3_600_000;
/** A schedule that admits nothing may be changed by the calendar it takes blackouts from. */
const NO_WINDOW_RECHECK_MS = 24 * 3_600_000;

/**
 * When a claimed step is looked at again. The pause doubles from ask to ask: it is as long as the step has been claimed,
 * within its bounds, so nothing needs counting.
 */
export function askAgainAt(execution: StepExecution, now: Date): Date {
  if (execution.status === "WAITING" && !execution.withdrawing) return new Date(now.getTime() + WAITING_RECHECK_MS);
  const elapsedMs = execution.status === "WAITING" ? 0 : now.getTime() - (execution.startedAt ?? now).getTime();
  return new Date(now.getTime() + Math.min(MAX_ASK_AGAIN_MS, Math.max(FIRST_ASK_AGAIN_MS, elapsedMs)));
}

/**
 * The alarm of a step claimed just now. One that the step before has left behind will do, where it rings neither too soon
 * nor too late: in a chain of quick steps the index of alarms then stays as it is (PERF-1).
 */
export function alarmOfClaim(existing: Date | null, now: Date): Date {
  const untilMs = existing ? existing.getTime() - now.getTime() : 0;
  return existing && untilMs >= FIRST_ASK_AGAIN_MS / 2 && untilMs <= FIRST_ASK_AGAIN_MS
    ? existing
    : new Date(now.getTime() + FIRST_ASK_AGAIN_MS);
}

export function recheckWindowAt(now: Date): Date {
  return new Date(now.getTime() + NO_WINDOW_RECHECK_MS);
}
