import type { Actor, CrmChange, Reason } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { Candidate } from "../enrolment/enroller.ts";
import { MAX_CHAIN, START_REFUSALS } from "../enrolment/start-refusals.ts";
import type { EventSubject } from "./event-subjects.ts";
import { eventContext, type Match } from "./match.ts";

/** What a met trigger asks for: somebody to be enrolled, and why that is refused whatever his history says. */
export type WantedStart =
  | { kind: "candidate"; candidate: Candidate; refusal: Reason | null }
  | { kind: "noRecipient"; id: string; reason: Reason };

/** Whom the start addresses (ENR-4), under which id (TRG-3), and how deep in a chain it stands (TRG-4). */
export function startOf(match: Match, subject: EventSubject): WantedStart {
  const { change, workflow } = match;
  const { workflowId, recipient } = workflow.definition;
  const contactId = recipient === "PRIMARY_CONTACT" ? subject.primaryContactId : (subject.contact?.id ?? null);
  const id = derivedId(change.at, workflowId, change.key, contactId ?? change.leadId);
  if (!contactId) return { kind: "noRecipient", id, reason: START_REFUSALS.noRecipient };
  const candidate: Candidate = {
    id,
    leadId: change.leadId,
    contactId,
    opportunityId: change.object === "OPPORTUNITY" ? change.id : null,
    startedBy: startedBy(match),
    enrollingUserId: null,
    event: eventContext(match),
    depth: depthOf(change),
    chosenAccountIds: [],
  };
  return { kind: "candidate", candidate, refusal: refusalOf(change, workflowId) };
}

/** A person's or a client's change is depth 0; each workflow behind it adds one. */
export function depthOf({ causation }: Pick<CrmChange, "causation">): number {
  return causation.workflowId === null ? 0 : causation.depth + 1;
}

function refusalOf(change: CrmChange, workflowId: string): Reason | null {
  if (change.causation.workflowId === workflowId) return START_REFUSALS.selfTriggered;
  return depthOf(change) >= MAX_CHAIN ? START_REFUSALS.chainTooDeep : null;
}

const WORDS: Record<Match["event"], string> = {
  LEAD_CREATED: "Lead created",
  LEAD_UPDATED: "Lead updated",
  LEAD_STATUS_CHANGED: "Lead status changed",
  CONTACT_CREATED: "Contact created",
  CONTACT_UPDATED: "Contact updated",
  OPPORTUNITY_CREATED: "Opportunity created",
  OPPORTUNITY_UPDATED: "Opportunity updated",
  OPPORTUNITY_STATUS_CHANGED: "Opportunity status changed",
  OPPORTUNITY_VALUE_CHANGED: "Opportunity value changed",
  OPPORTUNITY_STALLED: "Opportunity stalled",
  CALL_COMPLETED: "Call completed",
  EMAIL_RECEIVED: "Email received",
  SMS_RECEIVED: "SMS received",
  MEETING_BOOKED: "Meeting booked",
  MEETING_OUTCOME_SET: "Meeting outcome set",
  FORM_SUBMITTED: "Form submitted",
  CUSTOM_ACTIVITY_PUBLISHED: "Custom activity published",
  TASK_COMPLETED: "Task completed",
};

function startedBy({ change, event }: Match): Actor {
  return { kind: "EVENT", id: change.key, label: WORDS[event] };
}
