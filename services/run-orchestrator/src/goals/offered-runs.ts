import type { CurrentDefinition } from "../engine/definitions.ts";
import type { Run } from "../runs/model.ts";
import { MARKED_AS_RESPONDED } from "../runs/reasons.ts";

/** Runs that a call offers. */
export type Offer = {
  /** To be marked as responded. */
  respondable: Run[];
  /** To be taken up again. */
  resumable: Run[];
  /** All that can be taken back: of these, runs that stand still for another reason stay so. */
  revocable: Run[];
};

/** What a call offers of its contact's runs (GOAL-4), each under its workflow's newest definition. */
export function offerOf(callId: string, runs: readonly Run[], current: ReadonlyMap<string, CurrentDefinition>): Offer {
  const open = runs.filter((run) => run.open);
  const revocable = open.filter((run) => run.respondedCallId === callId && canGoOn(run, current));
  return {
    respondable: open.filter((run) => isRespondable(callId, run, current)),
    resumable: revocable.filter(isPausedByCall),
    revocable,
  };
}

function isRespondable(callId: string, run: Run, current: ReadonlyMap<string, CurrentDefinition>): boolean {
  if (!current.get(run.workflowId)?.definition.goals.markedAsResponded || isPausedByCall(run)) return false;
  // A run that was taken up by hand since this call may be marked again.
  return run.respondedCallId !== callId || run.status === "ACTIVE";
}

/** A paused run of an archived workflow is not taken up. */
function canGoOn(run: Run, current: ReadonlyMap<string, CurrentDefinition>): boolean {
  return !isPausedByCall(run) || current.get(run.workflowId)?.status !== "ARCHIVED";
}

function isPausedByCall({ status, reason }: Run): boolean {
  return status === "PAUSED" && reason?.code === MARKED_AS_RESPONDED.code;
}
