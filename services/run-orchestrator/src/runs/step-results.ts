import type { StepResult } from "@cadenza/contracts";
import { askAgainAt } from "./alarms.ts";
import { withdrawalFor } from "./commands.ts";
import type { Draft } from "./draft.ts";
import { ENDED_STATUSES, type StepExecution } from "./model.ts";
import { REASONS, SYSTEM } from "./reasons.ts";

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
  else if (execution.status === "PROCESSING" || execution.status === "WAITING") recordOpen(draft, execution, result);
}

function recordOpen(draft: Draft, execution: StepExecution, result: StepResult): void {
  const found = foundOut(execution, result);
  switch (result.outcome) {
    case "WAITING":
      if (execution.status === "WAITING") return;
      draft.updateCurrent({ ...found, status: "WAITING" });
      // The withdrawal may have been handled before there was anything to withdraw.
      if (execution.withdrawing) askToWithdraw(draft);
      draft.run.wakeAt = askAgainAt(draft.current() ?? execution, draft.now);
      return;
    case "ERROR":
      if (execution.withdrawing && result.reason?.code !== "UNKNOWN_OUTCOME")
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
    draft.setStatus("ACTIVE", SYSTEM, REASONS.resolvedLater);
  } else if (result.outcome === "ERROR" && execution.reason?.code === "UNKNOWN_OUTCOME" && result.reason) {
    draft.updateCurrent({ ...foundOut(execution, result), reason: result.reason });
    draft.run.reason = result.reason;
  }
}

/** The run has gone on, or is over; the execution shows what truly happened. */
function recordLate(draft: Draft, index: number, execution: StepExecution, result: StepResult): void {
  const happened = result.outcome === "DONE" && execution.status === "CANCELED" && draft.run.status === "CANCELED";
  draft.updateExecution(index, {
    ...foundOut(execution, result),
    ...(happened ? { status: "DONE", reason: null, endedAt: endOf(draft, execution, result) } : {}),
  });
}

function end(draft: Draft, execution: StepExecution, result: StepResult): void {
  draft.updateCurrent(foundOut(execution, result));
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
  if (execution) draft.updateCurrent({ ...foundOut(execution, result), status: "ERROR", reason, withdrawing: null });
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
