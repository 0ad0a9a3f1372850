import type { ContactView, CreateTaskCommand, LeadView, OrganizationView, UserView } from "@cadenza/contracts";
import { NO_CAUSATION } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";

export function organizationView(id: string): OrganizationView {
  const names = { name: "Demo", timeZone: "Europe/Berlin", country: "DE" };
  return { id, ...names, visibleUnsubscribeLink: false, customFieldNames: {} };
}

export function userView(id: string, name: string): UserView {
  const email = `${name.toLowerCase()}@demo.example`;
  return { id, name, email, role: "MEMBER", status: "ACTIVE", away: false, timeZone: null };
}

export function leadView(id: string, at: Date): LeadView {
  const times = { createdAt: at.toISOString(), updatedAt: at.toISOString() };
  const status = { id: newId(at), name: "Potential" };
  return { id, version: 1, name: "Acme", description: null, url: null, status, custom: {}, contactIds: [], ...times };
}

export function contactView(id: string, leadId: string, at: Date): ContactView {
  const times = { createdAt: at.toISOString(), updatedAt: at.toISOString() };
  const details = { name: "Grace Hopper", title: null, timeZone: null, emails: [], phones: [], custom: {} };
  return { id, leadId, version: 1, ...details, ...times };
}

/** A required task for `userId`, due at once. */
export function createTaskCommand(
  about: { leadId: string; contactId: string; userId: string; at: Date },
  changes: Partial<CreateTaskCommand> = {},
): CreateTaskCommand {
  const { leadId, contactId, userId, at } = about;
  const [runId, stepId] = [newId(at), newId(at)];
  return {
    key: `${runId}:${stepId}:1`,
    runId,
    stepId,
    attempt: 1,
    workflowId: newId(at),
    leadId,
    contactId,
    opportunityId: null,
    creatorOrEnrollingUserId: userId,
    event: null,
    causation: NO_CAUSATION,
    at,
    description: "Call {{ contact.firstName }} of {{ lead.name }}",
    due: null,
    assignee: { mode: "CREATOR_OR_ENROLLING_USER", userId: null, groupIds: [], customFieldId: null },
    optional: false,
    timeZone: "Europe/Berlin",
    ...changes,
  };
}
