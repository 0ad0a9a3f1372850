import type { Actor, EventContext } from "@cadenza/contracts";
import { shardOf } from "@cadenza/storage";
import type { Run } from "./model.ts";

/** Who starts, for whom, and because of what. */
export type NewRun = {
  /** derivedId(source event's instant, workflowId, source, contactId): the same start is the same run (TRG-3). */
  id: string;
  organizationId: string;
  workflowId: string;
  leadId: string;
  contactId: string;
  opportunityId: string | null;
  /** 1 for the contact's first run of this workflow, and so on. */
  ordinal: number;
  startedBy: Actor;
  /** The user who started it by hand; null when an event or an API client did (WF-7). */
  enrollingUserId: string | null;
  event: (EventContext & { eventId: string }) | null;
  /** How many workflows stand one behind another, this one included (TRG-4); 0 when started by hand. */
  depth: number;
  chosenAccountIds: string[];
};

/** The run before its first decision, which makes it version 1. */
export function unstartedRun(start: NewRun, now: Date): Run {
  const { id, ...rest } = start;
  return {
    _id: id,
    ...rest,
    version: 0,
    createdAt: now,
    updatedAt: now,
    status: "ACTIVE",
    open: true,
    reason: null,
    exclusivityGroup: null,
    respondedAt: null,
    respondedCallId: null,
    holdUntilDate: null,
    startedAt: now,
    endedAt: null,
    shard: shardOf(id),
    wakeAt: null,
    currentStepId: null,
    reasonCodes: [],
    executions: [],
    transitions: [],
  };
}
