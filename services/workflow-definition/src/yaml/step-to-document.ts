import { isId } from "@cadenza/platform";
import type { FieldAssignment, PersonRule, Step } from "@cadenza/contracts";
import type { AssignmentDocument, PersonDocument, StepDocument } from "./document.ts";
import type { DocumentPath, NameWriter } from "./name-writer.ts";
import { assignedObject, kindOfStandardField, type ValueKind } from "./value-kind.ts";
import { STEP_KEYS } from "../steps/step-settings.ts";

/** A step in the shape of its input, by names. */
export function stepDocument(step: Step, path: DocumentPath, writer: NameWriter): StepDocument {
  const { name, delay } = step;
  return { ...(name === null ? {} : { name }), delay, ...settingsOf(step, path, writer) };
}

function settingsOf(step: Step, path: DocumentPath, writer: NameWriter): StepDocument {
  const at = [...path, STEP_KEYS[step.kind]];
  switch (step.kind) {
    case "EMAIL": {
      const { templateId, sendMode, replyInThread, ignoreSchedule } = step;
      const template = writer.template("EMAIL", templateId, [...at, "template"]);
      const sender = personDocument(step.sender, [...at, "sender"], writer);
      return { email: { sender, template, sendMode, replyInThread, ignoreSchedule } };
    }
    case "SMS": {
      const { templateId, sendMode, ignoreSchedule } = step;
      const template = writer.template("SMS", templateId, [...at, "template"]);
      return {
        sms: { sender: personDocument(step.sender, [...at, "sender"], writer), template, sendMode, ignoreSchedule },
      };
    }
    case "CALL": {
      const { note, optionalAfterDays, ignoreSchedule } = step;
      const assignee = personDocument(step.assignee, [...at, "assignee"], writer);
      return { call: { assignee, ...(note === null ? {} : { note }), optionalAfterDays, ignoreSchedule } };
    }
    case "TASK": {
      const { description, due, optional } = step;
      const assignee = personDocument(step.assignee, [...at, "assignee"], writer);
      return { task: { description, due, assignee, optional } };
    }
    case "ASSIGN_USER": {
      const { targetFieldId, action, userId, groupIds, strategy } = step;
      const targetField = writer.customField(targetFieldId, [...at, "targetField"]);
      const user = userId === null ? {} : { user: writer.user(userId, [...at, "user"]) };
      const groups = groupIds.length === 0 ? {} : { groups: writer.groups(groupIds, [...at, "groups"]) };
      return { assignUser: { targetField, action, ...user, ...groups, strategy } };
    }
    case "CREATE_OPPORTUNITY":
      return { createOpportunity: { fields: assignmentsOf(step, at, writer) } };
    case "UPDATE_LEAD": {
      const { overwrite, addMissingChoices } = step;
      return { updateLead: { fields: assignmentsOf(step, at, writer), overwrite, addMissingChoices } };
    }
    case "UPDATE_OPPORTUNITY": {
      const { target, overwrite, addMissingChoices } = step;
      return { updateOpportunity: { target, fields: assignmentsOf(step, at, writer), overwrite, addMissingChoices } };
    }
  }
}

function personDocument(rule: PersonRule | null, path: DocumentPath, writer: NameWriter): PersonDocument | null {
  if (!rule) return null;
  const { mode, userId, groupIds, customFieldId } = rule;
  return {
    mode,
    ...(userId === null ? {} : { user: writer.user(userId, [...path, "user"]) }),
    ...(groupIds.length === 0 ? {} : { groups: writer.groups(groupIds, [...path, "groups"]) }),
    ...(customFieldId === null ? {} : { customField: writer.customField(customFieldId, [...path, "customField"]) }),
  };
}

function assignmentsOf(
  step: Extract<Step, { fields: unknown }>,
  path: DocumentPath,
  writer: NameWriter,
): AssignmentDocument[] {
  const object = assignedObject(step.kind);
  return (step.fields as FieldAssignment[]).map((assignment, index): AssignmentDocument => {
    const at = [...path, "fields", index];
    const { field, kind } = fieldOf(assignment.field, at);
    if (assignment.aiEnrich) return { field, aiEnrich: true };
    if (assignment.template !== null) return { field, template: assignment.template };
    const value = assignment.value ?? null;
    if (kind === null) return { field, value };
    // What a step looks up by itself when it runs is a text here, not a name to be resolved.
    if (isLookedUpLater(kind, value, writer)) return { field, text: value };
    return { field, value: writer.value(kind, value, [...at, "value"]) };
  });

  function fieldOf(field: string, at: DocumentPath): { field: string; kind: ValueKind | null } {
    if (!field.startsWith("custom.")) return { field, kind: kindOfStandardField(object, field) };
    const { text, isUser } = writer.assignedField(field, object.toLowerCase(), [...at, "field"]);
    return { field: text, kind: isUser ? "USER" : null };
  }
}

/** A status by its name, a user by an address: what has no form of an id, or some of a list. */
function isLookedUpLater(kind: ValueKind, value: unknown, writer: NameWriter): boolean {
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  return entries.some((entry) => typeof entry === "string" && !isId(entry) && !writer.knows(kind, entry));
}
