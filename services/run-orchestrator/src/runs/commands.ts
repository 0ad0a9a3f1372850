import type { Definition, Reason, Step } from "@cadenza/contracts";
import type { RunCommand } from "./decision.ts";
import type { Run, StepExecution } from "./model.ts";
import { REASONS } from "./reasons.ts";

/** What names the effect of one attempt at one step of one run, for ever. */
export function commandKey(runId: string, stepId: string, attempt: number): string {
  return `${runId}:${stepId}:${attempt}`;
}

/** `at` is the instant of processing, the same however often the command is sent. */
export type CommandContext = { run: Run; definition: Definition; at: Date };

/** The command that has the step's effect, or why the step cannot be processed as it is. */
export function commandFor(step: Step, execution: StepExecution, context: CommandContext): RunCommand | Reason {
  const { run, definition, at } = context;
  const common = {
    key: commandKey(run._id, step.id, execution.attempt),
    runId: run._id,
    stepId: step.id,
    attempt: execution.attempt,
    workflowId: run.workflowId,
    leadId: run.leadId,
    contactId: run.contactId,
    opportunityId: run.opportunityId,
    creatorOrEnrollingUserId: run.enrollingUserId ?? definition.ownerId,
    event: run.event && {
      kind: run.event.kind,
      data: run.event.data,
      previous: run.event.previous,
      user: run.event.user,
    },
    causation: { eventId: run.event?.eventId ?? null, workflowId: run.workflowId, runId: run._id, depth: run.depth },
    at,
  };
  switch (step.kind) {
    case "UPDATE_LEAD":
      return {
        kind: "updateLead",
        item: { ...common, fields: step.fields, overwrite: step.overwrite, addMissingChoices: step.addMissingChoices },
      };
    case "TASK": {
      if (!step.assignee) return REASONS.assigneeUnresolved;
      const { description, due, assignee, optional } = step;
      const timeZone = definition.schedule?.timeZone ?? definition.organizationTimeZone;
      return { kind: "createTask", item: { ...common, description, due, assignee, optional, timeZone } };
    }
    case "EMAIL": {
      if (!step.templateId) return REASONS.templateMissing;
      if (!step.sender) return REASONS.senderUnresolved;
      const { sender, templateId, sendMode } = step;
      const schedule = step.ignoreSchedule ? null : definition.schedule;
      return {
        kind: "prepareEmail",
        item: { ...common, sender, templateId, sendMode, schedule, chosenAccountIds: run.chosenAccountIds },
      };
    }
    case "SMS":
    case "CALL":
    case "ASSIGN_USER":
    case "CREATE_OPPORTUNITY":
    case "UPDATE_OPPORTUNITY":
      // Activation refuses them; a run that meets one nevertheless stops where a person sees it.
      return REASONS.kindNotAvailable;
  }
}

/** Takes back what the execution's command made; null for kinds whose effect is over as soon as it happens. */
export function withdrawalFor(run: Run, execution: StepExecution, reason: Reason, now: Date): RunCommand | null {
  const effectKey = commandKey(run._id, execution.stepId, execution.attempt);
  const item = {
    key: `${effectKey}:withdraw`,
    effectKey,
    runId: run._id,
    stepId: execution.stepId,
    attempt: execution.attempt,
    reason,
    at: now,
  };
  switch (execution.kind) {
    case "EMAIL":
      return { kind: "withdrawMessage", item };
    case "TASK":
      return { kind: "withdrawTask", item };
    default:
      return null;
  }
}
