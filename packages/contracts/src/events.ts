import { z } from "zod";
import { actorSchema, causationSchema, idSchema, instantSchema, reasonSchema } from "./values.ts";
import { WORKFLOW_STATUSES } from "./definition.ts";

/**
 * What became of a step's command, or of its effect later on.
 * - `WAITING`: the effect exists and is open (message queued, task open); another result follows.
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
  actor: actorSchema,
  causation: causationSchema,
  at: instantSchema,
});
export type CrmChange = z.infer<typeof crmChangeSchema>;

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
