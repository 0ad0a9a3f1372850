import { z } from "zod";
import { idSchema } from "./values.ts";

export const DELAY_UNITS = ["MINUTE", "HOUR", "DAY"] as const;
export const delaySchema = z.object({ amount: z.number().int().min(0), unit: z.enum(DELAY_UNITS) });
/** Minutes and hours are absolute durations, days are calendar days (SCH-5). */
export type Delay = z.infer<typeof delaySchema>;

export const PERSON_MODES = ["CREATOR_OR_ENROLLING_USER", "USER", "GROUP", "CUSTOM_FIELD"] as const;
export const personRuleSchema = z.object({
  mode: z.enum(PERSON_MODES),
  userId: z.string().nullable(),
  groupIds: z.array(z.string()),
  customFieldId: z.string().nullable(),
});
/** Who sends, or who is assigned (WF-6). */
export type PersonRule = z.infer<typeof personRuleSchema>;

export const fieldAssignmentSchema = z.object({
  field: z.string(),
  value: z.unknown().nullable(),
  template: z.string().nullable(),
});
/** `field`: a standard field's name as in the graph, or `custom.<field id>`. Exactly one of value and template. */
export type FieldAssignment = { field: string; value?: unknown; template: string | null };

const stepBase = { id: idSchema, name: z.string().nullable(), delay: delaySchema };
export const SEND_MODES = ["SEND"] as const;

export const emailStepSchema = z.object({
  ...stepBase,
  kind: z.literal("EMAIL"),
  sender: personRuleSchema.nullable(),
  templateId: z.string().nullable(),
  sendMode: z.enum(SEND_MODES),
  ignoreSchedule: z.boolean(),
});
export const taskStepSchema = z.object({
  ...stepBase,
  kind: z.literal("TASK"),
  description: z.string(),
  due: delaySchema.nullable(),
  assignee: personRuleSchema.nullable(),
  optional: z.boolean(),
});
export const updateLeadStepSchema = z.object({
  ...stepBase,
  kind: z.literal("UPDATE_LEAD"),
  fields: z.array(fieldAssignmentSchema),
  overwrite: z.boolean(),
  addMissingChoices: z.boolean(),
});
export const stepSchema = z.discriminatedUnion("kind", [emailStepSchema, taskStepSchema, updateLeadStepSchema]);
export type EmailStep = z.infer<typeof emailStepSchema>;
export type TaskStep = z.infer<typeof taskStepSchema>;
export type UpdateLeadStep = z.infer<typeof updateLeadStepSchema>;
export type Step = z.infer<typeof stepSchema>;
export type StepKind = Step["kind"];
export const STEP_KINDS = ["EMAIL", "TASK", "UPDATE_LEAD"] as const satisfies readonly StepKind[];
export const COMMUNICATION_KINDS: ReadonlySet<StepKind> = new Set<StepKind>(["EMAIL"]);

export const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export const scheduleRangeSchema = z.object({ weekday: z.enum(WEEKDAYS), start: z.string(), end: z.string() });
export const scheduleSchema = z.object({
  zoneMode: z.enum(["WORKFLOW", "RECIPIENT"]),
  timeZone: z.string(),
  /** `[start, end)` in local time, `HH:MM`; an end at or before the start lies on the next day (SCH-1). */
  ranges: z.array(scheduleRangeSchema),
  /** Local dates `YYYY-MM-DD`, the workflow's own and those of its calendars together. */
  blackoutDates: z.array(z.string()),
});
export type Schedule = z.infer<typeof scheduleSchema>;

export const CONDITION_OPS = [
  "EQUALS",
  "NOT_EQUALS",
  "IN",
  "NOT_IN",
  "CONTAINS",
  "NOT_CONTAINS",
  "IS_EMPTY",
  "IS_NOT_EMPTY",
  "GREATER_THAN",
  "LESS_THAN",
  "BEFORE",
  "AFTER",
  "WITHIN_LAST_DAYS",
  "CHANGED",
  "CHANGED_TO",
  "CHANGED_FROM",
] as const;
export type ConditionOp = (typeof CONDITION_OPS)[number];
export type ConditionTest = { path: string; op: ConditionOp; value?: unknown };
/** Exactly one of all, any, not, test. */
export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | { test: ConditionTest };

export const TRIGGER_EVENTS = [
  "LEAD_CREATED",
  "LEAD_UPDATED",
  "LEAD_STATUS_CHANGED",
  "CONTACT_CREATED",
  "CONTACT_UPDATED",
  "OPPORTUNITY_CREATED",
  "OPPORTUNITY_UPDATED",
  "OPPORTUNITY_STATUS_CHANGED",
  "OPPORTUNITY_VALUE_CHANGED",
] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];
export const triggerSchema = z.object({ event: z.enum(TRIGGER_EVENTS), conditions: z.custom<Condition>().nullable() });
export type Trigger = z.infer<typeof triggerSchema>;

export const reentrySchema = z.object({
  mode: z.enum(["ONCE", "AFTER_END"]),
  minimumDaysSinceLastStart: z.number().int().min(0),
});

/** A removed step keeps its place, so that "after it" is always defined (EDIT-1). */
export const placedStepSchema = z.object({ stepId: idSchema, step: stepSchema.nullable() });
export type PlacedStep = z.infer<typeof placedStepSchema>;

/** One immutable revision of a workflow as the engine reads it. */
export const definitionSchema = z.object({
  organizationId: idSchema,
  workflowId: idSchema,
  revision: z.number().int().min(1),
  name: z.string(),
  ownerId: idSchema,
  /** The organization's zone: counts calendar days where there is no schedule (SCH-5). */
  organizationTimeZone: z.string(),
  trigger: triggerSchema.nullable(),
  recipient: z.enum(["EVENT_CONTACT", "PRIMARY_CONTACT"]),
  schedule: scheduleSchema.nullable(),
  reentry: reentrySchema,
  /** In order; tombstones (`step: null`) included. */
  places: z.array(placedStepSchema),
});
export type Definition = z.infer<typeof definitionSchema>;

export const WORKFLOW_STATUSES = ["DRAFT", "ACTIVE", "ARCHIVED"] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];
