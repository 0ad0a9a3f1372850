import type { Actor, Reason, TriggerEvent } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { Candidate } from "../enrolment/enroller.ts";
import { MAX_CHAIN, START_REFUSALS } from "../enrolment/start-refusals.ts";
import type { EventSubject } from "./event-subjects.ts";
import { eventContext, type Match } from "./match.ts";
import type { SourceEvent } from "./source-event.ts";

/** What a met trigger asks for: somebody to be enrolled, and why that is refused whatever his history says. */
export type WantedStart =
  | { kind: "candidate"; id: string; candidate: Candidate; refusal: Reason | null }
  | { kind: "nobody"; id: string; reason: Reason };

/** Whom the start addresses (ENR-4), under which id (TRG-3), and how deep in a chain it stands (TRG-4). */
export function startOf(match: Match, subject: EventSubject): WantedStart {
  const { source, trigger } = match;
  const { workflowId, recipient } = trigger.workflow.definition;
  const id = startId(match);
  if (isGone(source, subject)) return { kind: "nobody", id, reason: START_REFUSALS.subjectGone };
  const contactId = recipient === "PRIMARY_CONTACT" ? subject.primaryContactId : subject.contactId;
  if (!contactId) return { kind: "nobody", id, reason: START_REFUSALS.noRecipient };
  const candidate: Candidate = {
    id,
    leadId: source.leadId,
    contactId,
    opportunityId: source.opportunityId,
    startedBy: startedBy(match),
    enrollingUserId: null,
    event: eventContext(match),
    depth: depthOf(source),
    chosenAccountIds: [],
  };
  return { kind: "candidate", id, candidate, refusal: refusalOf(source, workflowId) };
}

/** Whether what the event is about is no more. Nobody else is addressed in the place of a contact that is gone. */
function isGone(
  { leadId, contactId, opportunityId }: SourceEvent,
  { lead, opportunity, ...subject }: EventSubject,
): boolean {
  if (!lead) return true;
  return opportunityId === null ? contactId !== null && !subject.contactId : opportunity?.leadId !== leadId;
}

/** Made of the event and the workflow alone: should the lead have another primary contact when the event comes again, it is the same start. */
export function startId({ source, trigger }: Match): string {
  return derivedId(source.at, trigger.workflow.definition.workflowId, source.key, source.leadId);
}

/** A person's or a client's change is depth 0; each workflow behind it adds one. */
export function depthOf({ causation }: Pick<SourceEvent, "causation">): number {
  return causation.workflowId === null ? 0 : causation.depth + 1;
}

function refusalOf(source: SourceEvent, workflowId: string): Reason | null {
  if (source.causation.workflowId === workflowId) return START_REFUSALS.selfTriggered;
  return depthOf(source) >= MAX_CHAIN ? START_REFUSALS.chainTooDeep : null;
}

const WORDS: Record<TriggerEvent, string> = {
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

function startedBy({ source, event }: Match): Actor {
  return { kind: "EVENT", id: source.key, label: WORDS[event] };
}
