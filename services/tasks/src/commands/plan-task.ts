import type { CreateTaskCommand, OrganizationView, StepResult, SubjectView, UserView } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import { dueAfter } from "@cadenza/schedule";
import { renderTemplate, subjectVariables } from "@cadenza/templating";
import type { Task } from "../tasks/model.ts";
import { REASONS } from "../tasks/reasons.ts";
import { stepResult } from "../tasks/step-result.ts";
import { activeAssignees, assigneeIdsOf } from "./assignees-of.ts";

export type TaskFacts = {
  organization: OrganizationView;
  subject: SubjectView;
  users: ReadonlyMap<string, UserView>;
  now: Date;
};

/** The task that a command makes and what to answer; no task where it cannot be made. Pure. */
export function planTask(command: CreateTaskCommand, facts: TaskFacts): { task: Task | null; result: StepResult } {
  const { organization, subject, users, now } = facts;
  const end = (outcome: "ERROR" | "SKIPPED", reason: NonNullable<StepResult["reason"]>) => ({
    task: null,
    result: stepResult(command, { outcome, reason, at: now }),
  });
  const { lead, contact, opportunity } = subject;
  if (!lead || !contact) return end("SKIPPED", REASONS.subjectDeleted);
  const assignees = activeAssignees(assigneeIdsOf(command, lead), users);
  if (!Array.isArray(assignees)) return end("ERROR", assignees);
  const sender = assignees[0] ?? null;
  const variables = subjectVariables({ organization, lead, contact, opportunity, sender, event: command.event });
  const { at, timeZone } = command;
  const rendered = renderTemplate(command.description, variables, { format: "text", now: at, timeZone });
  if (!rendered.ok) return end("ERROR", rendered.reason);

  const { key, runId, stepId, attempt, workflowId, optional } = command;
  const task: Task = {
    _id: derivedId(at, key),
    organizationId: organization.id,
    version: 1,
    createdAt: now,
    updatedAt: now,
    kind: "TASK",
    status: "OPEN",
    reason: null,
    description: rendered.text,
    dueAt: command.due ? dueAfter(at, command.due, timeZone) : at,
    optional,
    assigneeIds: assignees.map(({ id }) => id),
    leadId: lead.id,
    contactId: contact.id,
    origin: { key, runId, stepId, attempt, workflowId },
    isAwaited: !optional,
    createdBy: { kind: "SYSTEM", id: null, label: "Workflow" },
    completedBy: null,
    completedAt: null,
  };
  const outcome = optional ? "DONE" : "WAITING";
  return { task, result: stepResult(command, { outcome, taskId: task._id, at: now }) };
}
