import { z } from "zod";
import {
  createTaskCommandSchema,
  prepareEmailCommandSchema,
  signalRunsCommandSchema,
  updateLeadCommandSchema,
  withdrawCommandSchema,
} from "./commands.ts";
import {
  activityRecordedSchema,
  callEndedSchema,
  crmChangeSchema,
  messageReceivedSchema,
  organizationChangedSchema,
  stepResultSchema,
  taskCompletedSchema,
  workflowChangedSchema,
} from "./events.ts";

/** Everything that travels over the bus: subject and shape of one item. Subjects: `cmd.<service>.<verb>`, `evt.<service>.<entity>.<verb>`. */
export const MESSAGES = {
  updateLead: { subject: "cmd.crm.update-lead", item: updateLeadCommandSchema },
  createTask: { subject: "cmd.tasks.create-task", item: createTaskCommandSchema },
  withdrawTask: { subject: "cmd.tasks.withdraw-task", item: withdrawCommandSchema },
  prepareEmail: { subject: "cmd.communications.prepare-email", item: prepareEmailCommandSchema },
  withdrawMessage: { subject: "cmd.communications.withdraw-message", item: withdrawCommandSchema },
  signalRuns: { subject: "cmd.run-orchestrator.signal-runs", item: signalRunsCommandSchema },
  crmStepEnded: { subject: "evt.crm.step.ended", item: stepResultSchema },
  tasksStepEnded: { subject: "evt.tasks.step.ended", item: stepResultSchema },
  communicationsStepEnded: { subject: "evt.communications.step.ended", item: stepResultSchema },
  crmChanged: { subject: "evt.crm.object.changed", item: crmChangeSchema },
  organizationChanged: { subject: "evt.crm.organization.changed", item: organizationChangedSchema },
  // Those changes among the others that are merges, for services to which nothing else of them matters.
  subjectMerged: { subject: "evt.crm.subject.merged", item: crmChangeSchema },
  activityRecorded: { subject: "evt.crm.activity.recorded", item: activityRecordedSchema },
  taskCompleted: { subject: "evt.tasks.task.completed", item: taskCompletedSchema },
  messageReceived: { subject: "evt.communications.message.received", item: messageReceivedSchema },
  callEnded: { subject: "evt.communications.call.ended", item: callEndedSchema },
  workflowChanged: { subject: "evt.workflow-definition.workflow.changed", item: workflowChangedSchema },
} as const satisfies Record<string, { subject: string; item: z.ZodType }>;

export type MessageKind = keyof typeof MESSAGES;
export type ItemOf<K extends MessageKind> = z.infer<(typeof MESSAGES)[K]["item"]>;
export const MESSAGE_KINDS = Object.keys(MESSAGES) as MessageKind[];

/** Which event answers the commands of a service. */
export const STEP_ENDED_BY = {
  crm: "crmStepEnded",
  tasks: "tasksStepEnded",
  communications: "communicationsStepEnded",
} as const;
