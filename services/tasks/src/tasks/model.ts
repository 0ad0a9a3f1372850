import type { Actor, Reason } from "@cadenza/contracts";

export const TASK_STATUSES = ["OPEN", "COMPLETED", "SKIPPED", "CANCELED"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** The step of a run that made a task. */
export type TaskOrigin = {
  /** Key of the command: one task at most (RUN-4). */
  key: string;
  runId: string;
  stepId: string;
  attempt: number;
  workflowId: string;
};

export type Task = {
  _id: string;
  organizationId: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  kind: "TASK";
  status: TaskStatus;
  reason: Reason | null;
  description: string;
  dueAt: Date;
  optional: boolean;
  assigneeIds: string[];
  leadId: string;
  contactId: string | null;
  /** Null where a person or a client made it. */
  origin: TaskOrigin | null;
  /** Whether the run stands at the step until this task ends; false once it has been told. */
  isAwaited: boolean;
  createdBy: Actor;
  completedBy: string | null;
  completedAt: Date | null;
};
