import {
  ASSIGN_ACTIONS,
  ASSIGN_STRATEGIES,
  CONDITION_OPS,
  DELAY_UNITS,
  EXCLUSIVITY_CONFLICTS,
  OPPORTUNITY_TARGETS,
  PERSON_MODES,
  SEND_MODES,
  TRIGGER_EVENTS,
  WEEKDAYS,
} from "@cadenza/contracts";
import { scalarResolvers } from "@cadenza/subgraph";
import { z } from "zod";

/** What a document says at its top, so that every reader knows what it holds. */
export const FORMAT = "cadenza/workflow";
export const VERSION = 1;

/** The graph's Int. */
const int = z.int32();
const flag = z.boolean().nullish();
const text = z.string();
/** What people call something; null says that nothing is chosen. */
const name = z.string().nullish();
/** A null in it is a reference that leads nowhere. */
const names = z.array(z.string().nullable()).nullish();

const localTime = asScalar(scalarResolvers.LocalTime);
const date = asScalar(scalarResolvers.Date);
const timeZone = asScalar(scalarResolvers.TimeZone);
const json = z.unknown().superRefine(asTheGraphReads(scalarResolvers.JSON));

const delay = z.strictObject({ amount: int, unit: z.enum(DELAY_UNITS) });
const person = z.strictObject({ mode: z.enum(PERSON_MODES), user: name, groups: names, customField: name });
const assignment = z.strictObject({
  field: text,
  value: json.optional(),
  text: json.optional(),
  template: name,
  aiEnrich: flag,
});
const message = { sender: person.nullish(), template: name, sendMode: z.enum(SEND_MODES).nullish() };
const writing = { fields: z.array(assignment), overwrite: flag, addMissingChoices: flag };

const step = z.strictObject({
  name,
  delay: delay.nullish(),
  email: z.strictObject({ ...message, replyInThread: flag, ignoreSchedule: flag }).nullish(),
  sms: z.strictObject({ ...message, ignoreSchedule: flag }).nullish(),
  call: z
    .strictObject({ assignee: person.nullish(), note: name, optionalAfterDays: int.nullish(), ignoreSchedule: flag })
    .nullish(),
  task: z
    .strictObject({ description: text, due: delay.nullish(), assignee: person.nullish(), optional: flag })
    .nullish(),
  assignUser: z
    .strictObject({
      targetField: name,
      action: z.enum(ASSIGN_ACTIONS),
      user: name,
      groups: names,
      strategy: z.enum(ASSIGN_STRATEGIES).nullish(),
    })
    .nullish(),
  createOpportunity: z.strictObject({ fields: z.array(assignment) }).nullish(),
  updateLead: z.strictObject(writing).nullish(),
  updateOpportunity: z.strictObject({ target: z.enum(OPPORTUNITY_TARGETS), ...writing }).nullish(),
});

const test = z.strictObject({ path: text, op: z.enum(CONDITION_OPS), value: json.optional() });
export type ConditionDocument = {
  all?: ConditionDocument[] | null | undefined;
  any?: ConditionDocument[] | null | undefined;
  not?: ConditionDocument | null | undefined;
  test?: z.infer<typeof test> | null | undefined;
};
const condition: z.ZodType<ConditionDocument> = z.strictObject({
  get all() {
    return z.array(condition).nullish();
  },
  get any() {
    return z.array(condition).nullish();
  },
  get not() {
    return condition.nullish();
  },
  test: test.nullish(),
});

/** A workflow as its document has it: the graph's `CreateWorkflowInput`, with names where that has ids. */
export const documentSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  name: text,
  description: name,
  owner: name,
  trigger: z
    .strictObject({
      event: z.enum(TRIGGER_EVENTS),
      stalledDays: int.nullish(),
      conditions: condition.nullish(),
    })
    .nullish(),
  recipient: z.enum(["EVENT_CONTACT", "PRIMARY_CONTACT"]).nullish(),
  schedule: z
    .strictObject({
      zoneMode: z.enum(["WORKFLOW", "RECIPIENT"]).nullish(),
      timeZone,
      ranges: z.array(z.strictObject({ weekday: z.enum(WEEKDAYS), start: localTime, end: localTime })),
      blackoutDates: z.array(date).nullish(),
      blackoutCalendars: names,
    })
    .nullish(),
  goals: z
    .strictObject({
      emailReply: flag,
      smsReply: flag,
      callAnswered: flag,
      meetingBooked: flag,
      markedAsResponded: flag,
      leadStatuses: names,
      opportunityStatuses: names,
    })
    .nullish(),
  reentry: z.strictObject({ mode: z.enum(["ONCE", "AFTER_END"]), minimumDaysSinceLastStart: int.nullish() }).nullish(),
  exclusivity: z.strictObject({ group: text, onConflict: z.enum(EXCLUSIVITY_CONFLICTS).nullish() }).nullish(),
  steps: z.array(step).nullish(),
});
export type WorkflowDocument = z.infer<typeof documentSchema>;
export type StepDocument = z.infer<typeof step>;
export type PersonDocument = z.infer<typeof person>;
export type AssignmentDocument = z.infer<typeof assignment>;

type Scalar = { parseValue: (value: unknown) => unknown };
type Refinement = { addIssue(issue: { code: "custom"; message: string; path?: string[] }): void };

function asScalar(scalar: Scalar) {
  return z.string().superRefine(asTheGraphReads(scalar));
}

/** What the graph refuses in an input, a document is refused for. */
function asTheGraphReads(scalar: Scalar): (value: unknown, context: Refinement) => void {
  return (value, context) => {
    try {
      if (value !== undefined) scalar.parseValue(value);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      context.addIssue({ code: "custom", message: error.message, path: error.extensions.within ?? [] });
    }
  };
}

/** How a scalar says no; `within`: where inside a JSON value. */
function isRefusal(error: unknown): error is Error & { extensions: { within?: string[] } } {
  return error instanceof Error && "extensions" in error;
}
