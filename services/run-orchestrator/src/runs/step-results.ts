import type { StepResult } from "@cadenza/contracts";
import { askAgainAt } from "./alarms.ts";
import { withdrawalFor } from "./commands.ts";
import type { Draft } from "./draft.ts";
import { ENDED_STATUSES, isClaimed, type StepExecution } from "./model.ts";
import { MARKED_AS_RESPONDED, REASONS, SYSTEM } from "./reasons.ts";
import { heldBackBy } from "./held-back.ts";
import { isStopping, PENDING_AGAIN } from "./stopping.ts";

const UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME";
const isUnknown = ({ outcome, reason }: StepResult): boolean => outcome === "ERROR" && reason?.code === UNKNOWN_OUTCOME;

/**
 * Records what became of a command or its effect. Answers to another attempt, or for a step that has ended, change nothing
 * but what is still unknown of it: losing a race is a no-op (RUN-4).
 */
export function recordResult(draft: Draft, result: StepResult): void {
  const index = draft.run.executions.findIndex(
    (execution) => execution.stepId === result.stepId && execution.attempt === result.attempt,
  );
  const execution = draft.run.executions[index];
  if (!execution) return;
  if (ENDED_STATUSES.has(execution.status)) recordLate(draft, index, execution, result);
  else if (execution.status === "ERROR") recordAfterError(draft, execution, result);
  else if (isClaimed(execution)) recordOpen(draft, execution, result);
  // It waits for another attempt, and the one before has happened after all: then that was the one (RUN-4).
  else if (result.outcome === "DONE") end(draft, execution, result);
}

function recordOpen(draft: Draft, execution: StepExecution, result: StepResult): void {
  const found = foundOut(execution, result);
  switch (result.outcome) {
    case "WAITING":
      draft.updateCurrent({ ...found, status: "WAITING", ...heldBackBy(execution, result) });
      if (execution.status === "WAITING") return;
      // The withdrawal may have been handled before there was anything to withdraw.
      if (execution.withdrawing) askToWithdraw(draft);
      draft.run.wakeAt = askAgainAt(draft.current() ?? execution, draft.now);
      return;
    case "ERROR":
      if (isStopping(execution.withdrawing) && !isUnknown(result)) draft.updateCurrent(PENDING_AGAIN);
      else if (execution.withdrawing && !isUnknown(result))
        draft.endCurrent("CANCELED", execution.withdrawing, endOf(draft, execution, result));
      else fail(draft, result);
      return;
    default:
      end(draft, execution, result);
  }
}

/** A person found out what happened, or the answer outran the failure (SND-3). */
function recordAfterError(draft: Draft, execution: StepExecution, result: StepResult): void {
  if (result.outcome === "DONE" || result.outcome === "SKIPPED") {
    end(draft, execution, result);
    // Nothing more goes to a contact who has responded meanwhile.
    if (draft.run.respondedCallId) draft.setStatus("PAUSED", SYSTEM, MARKED_AS_RESPONDED);
    else draft.setStatus("ACTIVE", SYSTEM, REASONS.resolvedLater);
  } else if (result.outcome === "ERROR" && execution.reason?.code === UNKNOWN_OUTCOME && result.reason) {
    draft.updateCurrent({ ...foundOut(execution, result), reason: result.reason });
    draft.run.reason = result.reason;
  }
}

/** The run has gone on, or is over; the execution shows what truly happened. */
function recordLate(draft: Draft, index: number, execution: StepExecution, result: StepResult): void {
  const { status } = draft.run;
  const isOver = execution.status === "CANCELED" && (status === "CANCELED" || status === "GOAL_MET");
  draft.updateExecution(index, { ...foundOut(execution, result), ...(isOver ? fate(draft, execution, result) : {}) });
}

function fate(draft: Draft, execution: StepExecution, result: StepResult): Partial<StepExecution> {
  if (result.outcome === "DONE")
    return { status: "DONE", reason: null, withdrawing: null, endedAt: endOf(draft, execution, result) };
  if (result.outcome === "WAITING") return {};
  if (isUnknown(result)) return { reason: result.reason };
  // It did not happen, and will not.
  return { withdrawing: null, ...(execution.withdrawing ? { reason: draft.run.reason } : {}) };
}

function end(draft: Draft, execution: StepExecution, result: StepResult): void {
  draft.updateCurrent(foundOut(execution, result));
  if (result.outcome === "CANCELED" && isStopping(execution.withdrawing)) {
    draft.updateCurrent(PENDING_AGAIN);
    return;
  }
  const outcome = result.outcome === "DONE" || result.outcome === "SKIPPED" ? result.outcome : "CANCELED";
  const reason =
    outcome === "DONE"
      ? null
      : ((outcome === "CANCELED" ? execution.withdrawing : null) ?? result.reason ?? REASONS.withdrawn);
  draft.endCurrent(outcome, reason, endOf(draft, execution, result));
}

function fail(draft: Draft, result: StepResult): void {
  const reason = result.reason ?? REASONS.stepFailed;
  const execution = draft.current();
  const failed = { status: "ERROR", reason, withdrawing: null, heldUntil: null } as const;
  if (execution) draft.updateCurrent({ ...foundOut(execution, result), ...failed });
  draft.setStatus("ERROR", SYSTEM, reason);
}

function askToWithdraw(draft: Draft): void {
  const execution = draft.current();
  const command = execution?.withdrawing && withdrawalFor(draft.run, execution, execution.withdrawing, draft.now);
  if (command) draft.commands.push(command);
}

function foundOut(
  execution: StepExecution,
  result: StepResult,
): Pick<StepExecution, "messageId" | "taskId" | "changes"> {
  return {
    messageId: execution.messageId ?? result.messageId,
    taskId: execution.taskId ?? result.taskId,
    changes: execution.changes ?? result.changes,
  };
}

/** By the effect's service, kept between what this run has seen: services' clocks differ a little. */
function endOf(draft: Draft, execution: StepExecution, result: StepResult): Date {
  const earliest = execution.startedAt ?? execution.pendingSince;
  if (result.at < earliest) return earliest;
  return result.at > draft.now ? draft.now : result.at;
}
