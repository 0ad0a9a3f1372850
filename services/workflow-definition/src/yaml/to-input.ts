import type { TriggerEvent } from "@cadenza/contracts";
import type { ConditionInput } from "../workflows/condition-input.ts";
import type { CreateWorkflowInput } from "../workflows/service.ts";
import type { ConditionDocument, WorkflowDocument } from "./document.ts";
import type { NameResolver } from "./name-resolver.ts";
import { stepInput } from "./step-to-input.ts";

/** The input that creates what the document says; the owner is the caller's to decide. */
export function toInput(document: WorkflowDocument, resolver: NameResolver): Omit<CreateWorkflowInput, "ownerId"> {
  const { name, description, trigger, recipient, schedule, goals, reentry, exclusivity, steps } = document;
  return {
    name,
    description,
    recipient,
    reentry,
    exclusivity,
    trigger: trigger && {
      event: trigger.event,
      stalledDays: trigger.stalledDays,
      conditions: trigger.conditions
        ? conditionInput(trigger.conditions, trigger.event, "trigger.conditions", resolver)
        : null,
    },
    schedule: schedule && scheduleInput(schedule, resolver),
    goals: goals && goalsInput(goals, resolver),
    steps: steps?.map((step, index) => stepInput(step, index, resolver)),
  };
}

function scheduleInput(
  { blackoutCalendars, ...schedule }: NonNullable<WorkflowDocument["schedule"]>,
  resolver: NameResolver,
): CreateWorkflowInput["schedule"] {
  const place = { step: null, field: "schedule.blackoutCalendarIds" };
  return { ...schedule, blackoutCalendarIds: resolver.calendars(blackoutCalendars, place) };
}

function goalsInput(
  { leadStatuses, opportunityStatuses, ...goals }: NonNullable<WorkflowDocument["goals"]>,
  resolver: NameResolver,
): CreateWorkflowInput["goals"] {
  const place = (list: string) => ({ step: null, field: `goals.${list}` });
  return {
    ...goals,
    leadStatusIds: resolver.leadStatuses(leadStatuses, place("leadStatusIds")),
    opportunityStatusIds: resolver.opportunityStatuses(opportunityStatuses, place("opportunityStatusIds")),
  };
}

function conditionInput(
  condition: ConditionDocument,
  event: TriggerEvent,
  field: string,
  resolver: NameResolver,
): ConditionInput {
  const { all, any, not, test } = condition;
  const list = (parts: readonly ConditionDocument[], name: string): ConditionInput[] =>
    parts.map((part, index) => conditionInput(part, event, `${field}.${name}.${index}`, resolver));
  return {
    ...(all ? { all: list(all, "all") } : {}),
    ...(any ? { any: list(any, "any") } : {}),
    ...(not ? { not: conditionInput(not, event, `${field}.not`, resolver) } : {}),
    ...(test ? { test: testInput(test, event, `${field}.test`, resolver) } : {}),
  };
}

function testInput(
  { path: text, op, value }: NonNullable<ConditionDocument["test"]>,
  event: TriggerEvent,
  field: string,
  resolver: NameResolver,
): NonNullable<ConditionInput["test"]> {
  const { path, kind } = resolver.path(text, event, { step: null, field: `${field}.path` });
  if (value === undefined) return { path, op };
  return { path, op, value: kind ? resolver.value(kind, value, { step: null, field: `${field}.value` }) : value };
}
