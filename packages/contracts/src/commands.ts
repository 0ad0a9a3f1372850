import { z } from "zod";
import { delaySchema, emailStepSchema, fieldAssignmentSchema, personRuleSchema, scheduleSchema } from "./definition.ts";
import { causationSchema, idSchema, instantSchema } from "./values.ts";

/** What templates and conditions see as `event`: the change that started the run (EML-1). */
export const eventContextSchema = z.object({
  kind: z.string(),
  data: z.record(z.string(), z.unknown()),
  previous: z.record(z.string(), z.unknown()),
  user: z.string().nullable(),
});
export type EventContext = z.infer<typeof eventContextSchema>;

/**
 * What every command of a run's step carries. `key` is `runId:stepId:attempt`: the receiver stores it with its result
 * in the transaction that has the effect, and answers a second delivery with the stored result.
 */
const stepCommand = {
  key: z.string(),
  runId: idSchema,
  stepId: idSchema,
  attempt: z.number().int().min(1),
  workflowId: idSchema,
  leadId: idSchema,
  contactId: idSchema,
  opportunityId: idSchema.nullable(),
  /** Who resolves "creator or enrolling user" (WF-7). */
  creatorOrEnrollingUserId: idSchema,
  event: eventContextSchema.nullable(),
  causation: causationSchema,
  /** The instant of processing, by the sender's clock. */
  at: instantSchema,
};

export const updateLeadCommandSchema = z.object({
  ...stepCommand,
  fields: z.array(fieldAssignmentSchema),
  overwrite: z.boolean(),
  addMissingChoices: z.boolean(),
});
export type UpdateLeadCommand = z.infer<typeof updateLeadCommandSchema>;

export const createTaskCommandSchema = z.object({
  ...stepCommand,
  /** Liquid. */
  description: z.string(),
  /** Counted from `at`; null is at once. */
  due: delaySchema.nullable(),
  assignee: personRuleSchema,
  optional: z.boolean(),
  /** Counts the calendar days of `due`. */
  timeZone: z.string(),
});
export type CreateTaskCommand = z.infer<typeof createTaskCommandSchema>;

export const prepareEmailCommandSchema = z.object({
  ...stepCommand,
  sender: personRuleSchema,
  templateId: idSchema,
  sendMode: emailStepSchema.shape.sendMode,
  /** Checked again at the moment of sending (SCH-7); null sends at any time. */
  schedule: scheduleSchema.nullable(),
  /** Accounts the caller chose at a manual start (ENR-5). */
  chosenAccountIds: z.array(idSchema),
});
export type PrepareEmailCommand = z.infer<typeof prepareEmailCommandSchema>;

/** Takes back what an earlier command made, where it is still open. `key` is the earlier key with `:withdraw`. */
export const withdrawCommandSchema = z.object({
  key: z.string(),
  /** Key of the command whose effect is taken back. */
  effectKey: z.string(),
  runId: idSchema,
  stepId: idSchema,
  attempt: z.number().int().min(1),
  reason: z.object({ code: z.string(), message: z.string() }),
  at: instantSchema,
});
export type WithdrawCommand = z.infer<typeof withdrawCommandSchema>;

/** Goals that something which happened may meet (GOAL-1). */
export const GOAL_CODES = [
  "EMAIL_REPLY",
  "SMS_REPLY",
  "CALL_ANSWERED",
  "MEETING_BOOKED",
  "LEAD_STATUS_REACHED",
  "OPPORTUNITY_STATUS_REACHED",
] as const;
/** The rest of the open runs that something concerns: run-orchestrator tells itself, a page of runs at a time. */
export const signalRunsCommandSchema = z.object({
  /** Id of the event that says so. */
  key: idSchema,
  /** The run itself, all of the contact's, and all of the lead's; with an opportunity only those for no other one. */
  about: z.object({
    runId: idSchema.nullable(),
    contactId: idSchema.nullable(),
    leadId: idSchema.nullable(),
    opportunityId: idSchema.nullable(),
  }),
  /** `statusId`: of the two last ones. Null for an auto-reply. */
  goal: z.object({ code: z.enum(GOAL_CODES), statusId: z.string().nullable() }).nullable(),
  /** `YYYY-MM-DD` that an auto-reply states. */
  untilDate: z.string().nullable(),
  at: instantSchema,
  /** The page begins behind this run. */
  afterRunId: idSchema.nullable(),
});
export type SignalRunsCommand = z.infer<typeof signalRunsCommandSchema>;
