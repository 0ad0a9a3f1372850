import type {
  Actor,
  Definition,
  Exclusivity,
  Goals,
  PlacedStep,
  Schedule,
  Trigger,
  WorkflowStatus,
} from "@cadenza/contracts";

/** A schedule as its author wrote it: `blackoutDates` are the workflow's own, those of its calendars are looked up. */
export type WorkflowSchedule = Schedule & { blackoutCalendarIds: string[] };

/** All that a revision keeps of a workflow. */
export type WorkflowContent = {
  name: string;
  description: string | null;
  ownerId: string;
  trigger: Trigger | null;
  recipient: Definition["recipient"];
  schedule: WorkflowSchedule | null;
  goals: Goals;
  reentry: Definition["reentry"];
  exclusivity: Exclusivity | null;
  /** In order; tombstones of removed steps included. */
  places: PlacedStep[];
};

/** A workflow with the content of its newest revision. */
export type Workflow = {
  _id: string;
  organizationId: string;
  /** Grows with every change, of the status too. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
  status: WorkflowStatus;
  /** Number of the newest revision. */
  revision: number;
  content: WorkflowContent;
  /** As crm said at the last save that asked it (SCH-5). */
  organizationTimeZone: string;
  /** The name in lower case, for search by its beginning. */
  nameKey: string;
  /** Whether the orchestrator's trigger index must know it. */
  hasTrigger: boolean;
};

/** One saved state, never changed (WF-3). */
export type Revision = {
  /** `revisionId(workflowId, number)`. */
  _id: string;
  organizationId: string;
  workflowId: string;
  number: number;
  author: Actor;
  note: string | null;
  createdAt: Date;
  content: WorkflowContent;
  organizationTimeZone: string;
  /** The workflow's own dates and those of its calendars together, as the engine needs them. */
  blackoutDates: string[];
};

export function revisionId(workflowId: string, number: number): string {
  return `${workflowId}:${number}`;
}
