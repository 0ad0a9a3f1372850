import type { Reason, StepResult } from "@cadenza/contracts";
import type { ExecutionStatus, StepExecution } from "./model.ts";

type Hold = { at: Date; reason: Reason | null; heldUntil: Date | null };

/**
 * What a `WAITING` result says of what keeps the open effect back (RUN-2). Notices come in any order and any number of
 * times: the newest counts, and of two of one instant the one that holds longer.
 */
export function heldBackBy(execution: StepExecution, result: StepResult): Partial<StepExecution> {
  const { reason, at } = result;
  const heldUntil = reason ? (result.heldUntil ?? null) : null;
  const known = execution.noticeAt && {
    at: execution.noticeAt,
    reason: execution.reason,
    heldUntil: execution.heldUntil,
  };
  if (known && !isNewer({ at, reason, heldUntil }, known)) return {};
  return { noticeAt: at, reason, heldUntil };
}

function isNewer(hold: Hold, than: Hold): boolean {
  const ages = hold.at.getTime() - than.at.getTime();
  if (ages !== 0) return ages > 0;
  const [mine, other] = [lengthOf(hold), lengthOf(than)];
  return mine > other || (mine === other && (hold.reason?.code ?? "") > (than.reason?.code ?? ""));
}

function lengthOf({ reason, heldUntil }: Hold): number {
  if (!reason) return 0;
  return heldUntil ? heldUntil.getTime() : Number.POSITIVE_INFINITY;
}

/** As a person sees it: a step whose message is held back is held, whoever keeps it (RUN-2). */
export function shownStatus({ status, reason }: Pick<StepExecution, "status" | "reason">): ExecutionStatus {
  return status === "WAITING" && reason ? "HELD" : status;
}
