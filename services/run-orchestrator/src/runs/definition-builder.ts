import type { Definition, EmailStep, Goals, Schedule, Step, TaskStep, UpdateLeadStep } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { Run } from "./model.ts";
import { unstartedRun } from "./new-run.ts";

/** What tests build their worlds of. Ids come from names, so that a failure reads. */
export const EPOCH = new Date("2026-01-05T09:00:00.000Z");
export const idOf = (name: string): string => derivedId(EPOCH, name);

/** No signal ends a run of these definitions. */
export const NO_GOALS: Goals = {
  emailReply: false,
  smsReply: false,
  callAnswered: false,
  meetingBooked: false,
  markedAsResponded: false,
  leadStatusIds: [],
  opportunityStatusIds: [],
};
const NOW = { amount: 0, unit: "MINUTE" } as const;
const CREATOR = { mode: "CREATOR_OR_ENROLLING_USER", userId: null, groupIds: [], customFieldId: null } as const;

export function updateLead(name: string, overrides: Partial<UpdateLeadStep> = {}): UpdateLeadStep {
  const fields = [{ field: "description", value: name, template: null }];
  return {
    id: idOf(name),
    name,
    kind: "UPDATE_LEAD",
    delay: NOW,
    fields,
    overwrite: true,
    addMissingChoices: false,
    ...overrides,
  };
}

export function task(name: string, overrides: Partial<TaskStep> = {}): TaskStep {
  return {
    id: idOf(name),
    name,
    kind: "TASK",
    delay: NOW,
    description: name,
    due: null,
    assignee: { ...CREATOR, groupIds: [] },
    optional: false,
    ...overrides,
  };
}

export function email(name: string, overrides: Partial<EmailStep> = {}): EmailStep {
  const sender = { ...CREATOR, groupIds: [] };
  return {
    id: idOf(name),
    name,
    kind: "EMAIL",
    delay: NOW,
    sender,
    templateId: idOf("template"),
    sendMode: "SEND",
    replyInThread: false,
    ignoreSchedule: false,
    ...overrides,
  };
}

export function definition(
  steps: readonly (Step | { removed: string })[],
  overrides: Partial<Definition> = {},
): Definition {
  return {
    organizationId: idOf("organization"),
    workflowId: idOf("workflow"),
    revision: 1,
    name: "Outreach",
    ownerId: idOf("owner"),
    organizationTimeZone: "Europe/Berlin",
    trigger: null,
    recipient: "EVENT_CONTACT",
    schedule: null,
    goals: NO_GOALS,
    exclusivity: null,
    reentry: { mode: "ONCE", minimumDaysSinceLastStart: 0 },
    places: steps.map((step) =>
      "removed" in step ? { stepId: idOf(step.removed), step: null } : { stepId: step.id, step },
    ),
    ...overrides,
  };
}

/** 09:00 to 17:00 in Berlin, Monday to Friday. */
export function officeHours(overrides: Partial<Schedule> = {}): Schedule {
  const weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"] as const;
  const ranges = weekdays.map((weekday) => ({ weekday, start: "09:00", end: "17:00" }));
  return { zoneMode: "WORKFLOW", timeZone: "Europe/Berlin", ranges, blackoutDates: [], ...overrides };
}

/** A run that has not taken its first decision. */
export function newRun(name = "run", at = EPOCH, overrides: Partial<Run> = {}): Run {
  const start = {
    id: derivedId(at, name),
    organizationId: idOf("organization"),
    workflowId: idOf("workflow"),
    leadId: idOf(`lead of ${name}`),
    contactId: idOf(`contact of ${name}`),
    opportunityId: null,
    ordinal: 1,
    startedBy: { kind: "USER", id: idOf("user"), label: "Ada" } as const,
    enrollingUserId: null,
    event: null,
    depth: 0,
    chosenAccountIds: [],
  };
  return { ...unstartedRun(start, at), ...overrides };
}
