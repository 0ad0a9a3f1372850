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
  /** Only ever true; left out else. */
  aiEnrich: z.boolean().optional(),
});
/** `field`: a standard field's name as in the graph, or `custom.<field id>`. Exactly one of value, template and aiEnrich. */
export type FieldAssignment = {
  field: string;
  value?: unknown;
  template: string | null;
  aiEnrich?: boolean | undefined;
};

const stepBase = { id: idSchema, name: z.string().nullable(), delay: delaySchema };
export const SEND_MODES = ["SEND", "DRAFT"] as const;
/** What the two messages have in common. */
const messageStep = {
  sender: personRuleSchema.nullable(),
  templateId: z.string().nullable(),
  sendMode: z.enum(SEND_MODES),
  ignoreSchedule: z.boolean(),
};

export const emailStepSchema = z.object({
  ...stepBase,
  kind: z.literal("EMAIL"),
  ...messageStep,
  /** Answers the workflow's previous email to the recipient (EML-5). */
  replyInThread: z.boolean().default(false),
});
export const smsStepSchema = z.object({ ...stepBase, kind: z.literal("SMS"), ...messageStep });
export const callStepSchema = z.object({
  ...stepBase,
  kind: z.literal("CALL"),
  assignee: personRuleSchema.nullable(),
  note: z.string().nullable(),
  ignoreSchedule: z.boolean(),
  /** Null: required. N: the call task is skipped after N days and the run goes on (CALL-2). */
  optionalAfterDays: z.number().int().min(1).nullable(),
});
export const taskStepSchema = z.object({
  ...stepBase,
  kind: z.literal("TASK"),
  description: z.string(),
  due: delaySchema.nullable(),
  assignee: personRuleSchema.nullable(),
  optional: z.boolean(),
});
export const ASSIGN_ACTIONS = ["ASSIGN_IF_EMPTY", "ASSIGN_OVERWRITE", "UNASSIGN"] as const;
export const ASSIGN_STRATEGIES = ["RANDOM", "ROUND_ROBIN"] as const;
export const assignUserStepSchema = z.object({
  ...stepBase,
  kind: z.literal("ASSIGN_USER"),
  /** A user custom field of the lead (ASG-1). */
  targetFieldId: z.string().nullable(),
  action: z.enum(ASSIGN_ACTIONS),
  /** One user, or one drawn from the groups; neither where the action clears. */
  userId: z.string().nullable(),
  groupIds: z.array(z.string()),
  strategy: z.enum(ASSIGN_STRATEGIES),
});
export const createOpportunityStepSchema = z.object({
  ...stepBase,
  kind: z.literal("CREATE_OPPORTUNITY"),
  fields: z.array(fieldAssignmentSchema),
});
/** How a step writes over what is there (LEAD-1, OPP-2). */
const writing = { fields: z.array(fieldAssignmentSchema), overwrite: z.boolean(), addMissingChoices: z.boolean() };
export const updateLeadStepSchema = z.object({ ...stepBase, kind: z.literal("UPDATE_LEAD"), ...writing });
export const OPPORTUNITY_TARGETS = ["TRIGGERING", "NEWEST", "OLDEST"] as const;
export const updateOpportunityStepSchema = z.object({
  ...stepBase,
  kind: z.literal("UPDATE_OPPORTUNITY"),
  target: z.enum(OPPORTUNITY_TARGETS),
  ...writing,
});

export const stepSchema = z.discriminatedUnion("kind", [
  emailStepSchema,
  smsStepSchema,
  callStepSchema,
  assignUserStepSchema,
  taskStepSchema,
  createOpportunityStepSchema,
  updateLeadStepSchema,
  updateOpportunityStepSchema,
]);
export type EmailStep = z.infer<typeof emailStepSchema>;
export type SmsStep = z.infer<typeof smsStepSchema>;
export type CallStep = z.infer<typeof callStepSchema>;
export type AssignUserStep = z.infer<typeof assignUserStepSchema>;
export type TaskStep = z.infer<typeof taskStepSchema>;
export type CreateOpportunityStep = z.infer<typeof createOpportunityStepSchema>;
export type UpdateLeadStep = z.infer<typeof updateLeadStepSchema>;
export type UpdateOpportunityStep = z.infer<typeof updateOpportunityStepSchema>;
export type Step = z.infer<typeof stepSchema>;
export type StepKind = Step["kind"];
/** Steps that address the recipient and keep to the communication schedule. */
export const COMMUNICATION_KINDS: ReadonlySet<StepKind> = new Set<StepKind>(["EMAIL", "SMS", "CALL"]);
/** Kinds that this version can carry out; a workflow with another one cannot be activated. */
export const AVAILABLE_KINDS: ReadonlySet<StepKind> = new Set<StepKind>(["EMAIL", "TASK", "UPDATE_LEAD"]);

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
  "OPPORTUNITY_STALLED",
  "CALL_COMPLETED",
  "EMAIL_RECEIVED",
  "SMS_RECEIVED",
  "MEETING_BOOKED",
  "MEETING_OUTCOME_SET",
  "FORM_SUBMITTED",
  "CUSTOM_ACTIVITY_PUBLISHED",
  "TASK_COMPLETED",
] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];
export const triggerSchema = z.object({
  event: z.enum(TRIGGER_EVENTS),
  conditions: z.custom<Condition>().nullable(),
  /** Of OPPORTUNITY_STALLED: days without a change (CRM-5); null for every other event. */
  stalledDays: z.number().int().min(1).nullable().default(null),
});
export type Trigger = z.infer<typeof triggerSchema>;

export const reentrySchema = z.object({
  mode: z.enum(["ONCE", "AFTER_END"]),
  minimumDaysSinceLastStart: z.number().int().min(0),
});

/** What ends a run because the contact answered, or what was wanted is reached (GOAL-1). */
export const goalsSchema = z.object({
  emailReply: z.boolean(),
  smsReply: z.boolean(),
  callAnswered: z.boolean(),
  meetingBooked: z.boolean(),
  markedAsResponded: z.boolean(),
  leadStatusIds: z.array(z.string()),
  opportunityStatusIds: z.array(z.string()),
});
export type Goals = z.infer<typeof goalsSchema>;
/** The goals of a workflow that says nothing of them. */
export const DEFAULT_GOALS: Goals = {
  emailReply: true,
  smsReply: true,
  callAnswered: true,
  meetingBooked: false,
  markedAsResponded: true,
  leadStatusIds: [],
  opportunityStatusIds: [],
};

export const EXCLUSIVITY_CONFLICTS = ["SKIP", "REPLACE"] as const;
/** A contact is in at most one open run of the group's workflows; enrolment skips, or ends the other run (ENR-2). */
export const exclusivitySchema = z.object({ group: z.string(), onConflict: z.enum(EXCLUSIVITY_CONFLICTS) });
export type Exclusivity = z.infer<typeof exclusivitySchema>;

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
  goals: goalsSchema.default(DEFAULT_GOALS),
  reentry: reentrySchema,
  exclusivity: exclusivitySchema.nullable().default(null),
  /** In order; tombstones (`step: null`) included. */
  places: z.array(placedStepSchema),
});
export type Definition = z.infer<typeof definitionSchema>;

export const WORKFLOW_STATUSES = ["DRAFT", "ACTIVE", "ARCHIVED"] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];
