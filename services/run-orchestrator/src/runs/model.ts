import type { Actor, EventContext, Reason, StepKind } from "@cadenza/contracts";

export const RUN_STATUSES = ["ACTIVE", "PAUSED", "FINISHED", "GOAL_MET", "ERROR", "CANCELED"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
/** A run that is not over: of these a contact has at most one per workflow (ENR-1). */
export const OPEN_STATUSES: ReadonlySet<RunStatus> = new Set<RunStatus>(["ACTIVE", "PAUSED", "ERROR"]);

export const EXECUTION_STATUSES = [
  "PENDING",
  "HELD",
  "PROCESSING",
  "WAITING",
  "DONE",
  "SKIPPED",
  "ERROR",
  "CANCELED",
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];
/** Statuses in which a step has ended and the run has moved past it. ERROR is not one: the run stands there. */
export const ENDED_STATUSES: ReadonlySet<ExecutionStatus> = new Set<ExecutionStatus>(["DONE", "SKIPPED", "CANCELED"]);

/** One step of one run: what was due, what happened, when, why, under which revision. */
export type StepExecution = {
  /** derivedId(pendingSince, runId, stepId). */
  id: string;
  stepId: string;
  kind: StepKind;
  name: string | null;
  status: ExecutionStatus;
  reason: Reason | null;
  /** Revision it was claimed under; null while it still follows edits (EDIT-4). */
  revision: number | null;
  /** When the step became current. */
  pendingSince: Date;
  /** End of the delay alone (RUN-3). */
  dueAt: Date;
  /** Of a step that is HELD, or WAITING with a reason: what it has made is held back. Null where nobody knows. */
  heldUntil: Date | null;
  /** When the newest notice about its open effect was given. */
  noticeAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  /** Counts commands sent for this step; part of the command's key. 0 before the first. */
  attempt: number;
  /**
   * A withdraw command is under way with this reason; the step ends when it is answered. Of a step that a goal ended: what
   * became of its effect has not been told yet.
   */
  withdrawing: Reason | null;
  messageId: string | null;
  taskId: string | null;
  changes: { field: string; before: unknown; after: unknown }[] | null;
};

export type RunTransition = { at: Date; from: RunStatus | null; to: RunStatus; actor: Actor; reason: Reason | null };

/** One execution of one workflow for one contact. The only thing the engine moves. */
export type Run = {
  /** derivedId(source event's instant, workflowId, source, contactId): the same start is the same run (TRG-3). */
  _id: string;
  organizationId: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  workflowId: string;
  leadId: string;
  contactId: string;
  opportunityId: string | null;
  status: RunStatus;
  /** `OPEN_STATUSES.has(status)`, stored for the partial indexes. */
  open: boolean;
  /** 1 for the contact's first run of this workflow, 2 for the next …: unique per workflow and contact (ENR-1). */
  ordinal: number;
  reason: Reason | null;
  startedBy: Actor;
  /** The user who started it by hand; null when an event or an API client did (WF-7). */
  enrollingUserId: string | null;
  startedAt: Date;
  endedAt: Date | null;
  /** The change that started it. */
  event: (EventContext & { eventId: string }) | null;
  /** How many workflows stand one behind another (TRG-4). */
  depth: number;
  /** The exclusivity group it was started in; of a group a contact is in at most one open run (ENR-2). */
  exclusivityGroup: string | null;
  /** When the contact answered, so that it counts as converted (GOAL-4); null while it has not. */
  respondedAt: Date | null;
  /** The call that "mark as responded" was said on; null where none was, or it was undone. */
  respondedCallId: string | null;
  /** `YYYY-MM-DD` until which an auto-reply holds communication steps (GOAL-2). */
  holdUntilDate: string | null;
  /** Email accounts and phone numbers chosen at a manual start (ENR-5). */
  chosenAccountIds: string[];
  /** shardOf(_id). */
  shard: number;
  /** When the engine must look at it again at the latest; null only when it is not ACTIVE and nothing is in flight. */
  wakeAt: Date | null;
  /** The step the run stands at, for the run list's filter; null when it stands at none. */
  currentStepId: string | null;
  /** Codes of the run's own reason and of what holds or stopped its current step, for the run list's filter (RUN-8). */
  reasonCodes: string[];
  /** In the order they became current; the last one is the current one unless it has ended. */
  executions: StepExecution[];
  /** Newest last; bounded to `MAX_TRANSITIONS`, older ones move to `runTransitions`. */
  transitions: RunTransition[];
};

/** How many transitions a run's document carries. */
export const MAX_TRANSITIONS = 50;

/** The execution the run stands at; null when every execution has ended. */
export function currentExecution(run: Pick<Run, "executions">): StepExecution | null {
  const last = run.executions.at(-1);
  return last && !ENDED_STATUSES.has(last.status) ? last : null;
}

/** Its command went out, and the end of its effect has not been told. */
export function isClaimed(execution: StepExecution): boolean {
  return execution.status === "PROCESSING" || execution.status === "WAITING";
}
