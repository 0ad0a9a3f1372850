import type { Condition, TriggerEvent } from "@cadenza/contracts";
import { visibleSteps } from "../steps/places.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { type ConditionDocument, FORMAT, VERSION, type WorkflowDocument } from "./document.ts";
import type { NameBook } from "./name-book.ts";
import { type DocumentPath, NameWriter, type Remark } from "./name-writer.ts";
import { stepDocument } from "./step-to-document.ts";

/** A workflow by names, without what was removed from it; what leads nowhere is null, and a remark says so. Pure. */
export function toDocument(
  content: WorkflowContent,
  book: NameBook,
): { document: WorkflowDocument; remarks: Remark[] } {
  const { name, description, ownerId, trigger, recipient, schedule, goals, reentry, exclusivity, places } = content;
  const writer = new NameWriter(book);
  const { leadStatusIds, opportunityStatusIds, ...switches } = goals;
  const document: WorkflowDocument = {
    format: FORMAT,
    version: VERSION,
    name,
    ...(description === null ? {} : { description }),
    owner: writer.user(ownerId, ["owner"]),
    ...(trigger === null ? {} : { trigger: triggerDocument(trigger, writer) }),
    recipient,
    ...(schedule === null ? {} : { schedule: scheduleDocument(schedule, writer) }),
    goals: {
      ...switches,
      leadStatuses: writer.values("LEAD_STATUS", leadStatusIds, ["goals", "leadStatuses"]),
      opportunityStatuses: writer.values("OPPORTUNITY_STATUS", opportunityStatusIds, ["goals", "opportunityStatuses"]),
    },
    reentry,
    ...(exclusivity === null ? {} : { exclusivity }),
    steps: visibleSteps(places).map((step, index) => stepDocument(step, ["steps", index], writer)),
  };
  return { document, remarks: writer.remarks };
}

function scheduleDocument(schedule: NonNullable<WorkflowContent["schedule"]>, writer: NameWriter) {
  const { zoneMode, timeZone, ranges, blackoutDates, blackoutCalendarIds } = schedule;
  const blackoutCalendars = writer.calendars(blackoutCalendarIds, ["schedule", "blackoutCalendars"]);
  return { zoneMode, timeZone, ranges, blackoutDates, blackoutCalendars };
}

function triggerDocument(
  { event, stalledDays, conditions }: NonNullable<WorkflowContent["trigger"]>,
  writer: NameWriter,
): NonNullable<WorkflowDocument["trigger"]> {
  return {
    event,
    ...(stalledDays === null ? {} : { stalledDays }),
    ...(conditions === null
      ? {}
      : { conditions: conditionDocument(conditions, event, ["trigger", "conditions"], writer) }),
  };
}

function conditionDocument(
  condition: Condition,
  event: TriggerEvent,
  path: DocumentPath,
  writer: NameWriter,
): ConditionDocument {
  const list = (parts: readonly Condition[], name: string): ConditionDocument[] =>
    parts.map((part, index) => conditionDocument(part, event, [...path, name, index], writer));
  if ("all" in condition) return { all: list(condition.all, "all") };
  if ("any" in condition) return { any: list(condition.any, "any") };
  if ("not" in condition) return { not: conditionDocument(condition.not, event, [...path, "not"], writer) };
  const { op, value } = condition.test;
  const at = [...path, "test"];
  const { text, kind } = writer.path(condition.test.path, event, [...at, "path"]);
  if (value === undefined) return { test: { path: text, op } };
  return { test: { path: text, op, value: kind ? writer.value(kind, value, [...at, "value"]) : value } };
}
