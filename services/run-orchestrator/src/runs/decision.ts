import type {
  Actor,
  Definition,
  GOAL_CODES,
  ItemOf,
  MessageKind,
  Reason,
  StepResult,
  WorkflowStatus,
} from "@cadenza/contracts";
import type { Run, RunTransition } from "./model.ts";

export type GoalCode = (typeof GOAL_CODES)[number];
/** `statusId`: of the two last ones. `sourceId`: key of the event that says so. */
export type GoalSignal = { code: GoalCode; statusId: string | null; sourceId: string; at: Date };

/** What happens to a run from outside, or because its alarm rang. */
export type Input =
  /** A new run: its first step becomes current. */
  | { kind: "start" }
  /** The run's alarm, or any reason to look again. */
  | { kind: "tick" }
  /** The workflow has a new revision. `at`: since when; what it changes is counted from then (default: now). */
  | { kind: "definitionChanged"; at?: Date }
  | { kind: "workflowArchived"; actor: Actor }
  /** The rules failed on this run again and again (REL-6). */
  | { kind: "giveUp" }
  /** What became of a command, or of its effect later on. */
  | { kind: "stepResult"; result: StepResult }
  | { kind: "pause"; actor: Actor; reason?: Reason }
  | { kind: "resume"; actor: Actor }
  | { kind: "cancel"; actor: Actor; reason?: Reason }
  | { kind: "retry"; actor: Actor }
  /** `stepId` null means whichever is current. */
  | { kind: "skipStep"; actor: Actor; stepId: string | null }
  /** `ordinal`: the run's place among the new contact's runs of this workflow. */
  | { kind: "changeRecipient"; actor: Actor; contactId: string; ordinal: number }
  /** A merge made the subject another one. Of a run that is over, too. */
  | { kind: "subjectMoved"; leadId: string; contactId: string; ordinal: number }
  /** Nothing happens where the newest definition has that goal off, the run is over, or the signal is older than the run. */
  | { kind: "goalMet"; goal: GoalSignal }
  /** "Mark as responded" on a call, and its undoing. */
  | { kind: "markResponded" | "resumeFromCall"; actor: Actor; callId: string }
  /** `untilDate`: `YYYY-MM-DD` that an auto-reply states. */
  | { kind: "autoReply"; untilDate: string };

/** Of the contact: what its time zone is found from (SCH-1). */
export type ZoneFacts = { timeZone: string | null; phones: readonly { number: string; country: string | null }[] };

/** What `decide` may know beside the run and the definition. */
export type Facts = {
  workflowStatus: WorkflowStatus;
  /** Undefined: not looked up; a run that needs it then waits for a tick that brings it. Null: there is no such contact. */
  contact?: ZoneFacts | null;
  /** The definition under which the current step was claimed, where that is not the newest one. Undefined: not looked up. */
  claimedDefinition?: Definition | null;
};

/** What was missing in the facts: the run stays as it is, due at once, until a tick brings it. */
export type Wants = { contact: boolean; claimedRevision: number | null };

type RunCommandKind = Extract<
  MessageKind,
  "updateLead" | "createTask" | "prepareEmail" | "withdrawTask" | "withdrawMessage"
>;
/** One command to another service, to be told in the transaction that writes the run. */
export type RunCommand = { [K in RunCommandKind]: { kind: K; item: ItemOf<K> } }[RunCommandKind];

export type Decision =
  | { kind: "unchanged"; wants: Wants | null }
  | { kind: "refused"; reason: Reason }
  | {
      kind: "moved";
      wants: Wants | null;
      /** The next state; its version is one more than that of the run that was read. Shares what did not change. */
      run: Run;
      commands: RunCommand[];
      /** Status changes of this decision, oldest first; `run.transitions` contains them. */
      transitions: RunTransition[];
      /** Transitions that no longer fit into the document. */
      droppedTransitions: RunTransition[];
    };
