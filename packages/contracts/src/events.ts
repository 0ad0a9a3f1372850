import { z } from "zod";
import { actorSchema, causationSchema, idSchema, instantSchema, reasonSchema } from "./values.ts";
import { WORKFLOW_STATUSES } from "./definition.ts";

/**
 * What became of a step's command, or of its effect later on.
 * - `WAITING`: the effect exists and is open (message queued, task open); another result follows. With a reason, it is
 *   held back, and a later `WAITING` without one says that it is not any more.
 * - `DONE`, `SKIPPED`, `ERROR`: the step has ended so.
 * - `CANCELED`: the effect was withdrawn before it happened (answer to a withdraw command, or a person's deed).
 */
export const STEP_OUTCOMES = ["WAITING", "DONE", "SKIPPED", "ERROR", "CANCELED"] as const;
export const stepResultSchema = z.object({
  /** Key of the command that made the effect: `runId:stepId:attempt`. */
  key: z.string(),
  runId: idSchema,
  stepId: idSchema,
  attempt: z.number().int().min(1),
  outcome: z.enum(STEP_OUTCOMES),
  reason: reasonSchema.nullable(),
  messageId: idSchema.nullable(),
  taskId: idSchema.nullable(),
  /** What an operational step wrote. */
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })).nullable(),
  /** With `WAITING` and a reason: until when the effect is held back (a limit, a paused account); null where nobody knows. */
  heldUntil: instantSchema.nullish(),
  /** When it happened, by the effect's service. */
  at: instantSchema,
});
export type StepResult = z.infer<typeof stepResultSchema>;

export const CHANGE_VERBS = ["CREATED", "UPDATED", "DELETED"] as const;
/** One committed change of one CRM object (CRM-3). Field names are the graph's; custom fields `custom.<field id>`. */
export const crmChangeSchema = z.object({
  /** Id of the event: the source of TRG-3's "at most once". */
  key: idSchema,
  object: z.enum(["LEAD", "CONTACT", "OPPORTUNITY"]),
  verb: z.enum(CHANGE_VERBS),
  id: idSchema,
  leadId: idSchema,
  /** Of a contact or an opportunity. */
  contactId: idSchema.nullable(),
  version: z.number().int().min(1),
  /** Changed fields only: before (null when created) and after (null when deleted). Status and users by id. */
  before: z.record(z.string(), z.unknown()),
  after: z.record(z.string(), z.unknown()),
  /** Of a `DELETED` lead or contact that was merged into another: what survives, and its lead (RUN-9). */
  mergedInto: z.object({ id: idSchema, leadId: idSchema }).nullish(),
  actor: actorSchema,
  causation: causationSchema,
  at: instantSchema,
});
export type CrmChange = z.infer<typeof crmChangeSchema>;

export const RECORDED_ACTIVITY_KINDS = [
  "FORM_SUBMITTED",
  "MEETING_BOOKED",
  "MEETING_OUTCOME_SET",
  "CUSTOM_ACTIVITY_PUBLISHED",
] as const;
/** What every happening that is no change of an object says of itself. `key` is the source of TRG-3's "at most once". */
const happening = { key: idSchema, actor: actorSchema, causation: causationSchema, at: instantSchema };

/** Something that happened outside, told by a client or a person. */
export const activityRecordedSchema = z.object({
  ...happening,
  activityId: idSchema,
  kind: z.enum(RECORDED_ACTIVITY_KINDS),
  leadId: idSchema,
  contactId: idSchema.nullable(),
  userId: idSchema.nullable(),
  /** What conditions and templates see as `event.data`. */
  data: z.record(z.string(), z.unknown()),
});
export type ActivityRecorded = z.infer<typeof activityRecordedSchema>;

/** A person completed a task, or a call did. */
export const taskCompletedSchema = z.object({
  ...happening,
  taskId: idSchema,
  kind: z.enum(["CALL", "TASK"]),
  description: z.string(),
  leadId: idSchema,
  contactId: idSchema.nullable(),
  /** The run whose step made it; null for a task of its own. */
  runId: idSchema.nullable(),
  completedById: idSchema.nullable(),
});
export type TaskCompleted = z.infer<typeof taskCompletedSchema>;

/**
 * A message came in. `replyToRunId`: the run whose thread it answers, whoever wrote it; `contactId`: who wrote it, where
 * that is a contact. What GOAL-3 rules out (own addresses, bounces, delivery reports) is never told.
 */
export const messageReceivedSchema = z.object({
  ...happening,
  messageId: idSchema,
  channel: z.enum(["EMAIL", "SMS"]),
  leadId: idSchema.nullable(),
  contactId: idSchema.nullable(),
  replyToRunId: idSchema.nullable(),
  subject: z.string().nullable(),
  /** Never a reply (GOAL-2). */
  autoReply: z.boolean(),
  /** `YYYY-MM-DD` that an auto-reply states, where the organization lets it hold runs; else null. */
  holdUntilDate: z.string().nullable(),
});
export type MessageReceived = z.infer<typeof messageReceivedSchema>;

export const CALL_STATUSES = ["IN_PROGRESS", "COMPLETED", "BUSY", "NO_ANSWER", "CANCELED", "FAILED"] as const;
/** A call is over: dialled, received or logged by hand. */
export const callEndedSchema = z.object({
  ...happening,
  callId: idSchema,
  leadId: idSchema.nullable(),
  contactId: idSchema.nullable(),
  userId: idSchema.nullable(),
  direction: z.enum(["OUTBOUND", "INBOUND"]),
  status: z.enum(CALL_STATUSES),
  outcome: z.string().nullable(),
  durationSeconds: z.number().int().nullable(),
});
export type CallEnded = z.infer<typeof callEndedSchema>;

/** An organization's settings as they are after a change; the higher of two versions is the newer. */
export const organizationChangedSchema = z.object({
  key: idSchema,
  version: z.number().int().min(1),
  timeZone: z.string(),
  actor: actorSchema,
  at: instantSchema,
});
export type OrganizationChanged = z.infer<typeof organizationChangedSchema>;

/** A workflow has a new revision or another status. */
export const workflowChangedSchema = z.object({
  key: z.string(),
  workflowId: idSchema,
  revision: z.number().int().min(1),
  status: z.enum(WORKFLOW_STATUSES),
  actor: actorSchema,
  at: instantSchema,
});
export type WorkflowChanged = z.infer<typeof workflowChangedSchema>;
