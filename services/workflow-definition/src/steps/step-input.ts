import type { Delay, EmailStep, PersonRule, Step, TaskStep, UpdateLeadStep } from "@cadenza/contracts";
import { checkText, type UserError, userError } from "@cadenza/subgraph";
import { exactlyOne } from "../exactly-one.ts";
import { LIMITS } from "../limits.ts";
import { isDelayInRange } from "./delay-range.ts";

type Given<T> = T | null | undefined;

/** The inputs of `schema.graphql`; their defaults may be overruled by an explicit null. */
export type PersonRuleInput = { mode: PersonRule["mode"]; userId?: Given<string>; customFieldId?: Given<string> };
export type EmailStepInput = {
  sender?: Given<PersonRuleInput>;
  templateId?: Given<string>;
  sendMode?: Given<EmailStep["sendMode"]>;
  ignoreSchedule?: Given<boolean>;
};
export type TaskStepInput = {
  description: string;
  due?: Given<Delay>;
  assignee?: Given<PersonRuleInput>;
  optional?: Given<boolean>;
};
export type FieldAssignmentInput = { field: string; value?: unknown; template?: Given<string> };
export type UpdateLeadStepInput = {
  fields: FieldAssignmentInput[];
  overwrite?: Given<boolean>;
  addMissingChoices?: Given<boolean>;
};
export type StepInput = {
  name?: Given<string>;
  delay?: Given<Delay>;
  email?: Given<EmailStepInput>;
  task?: Given<TaskStepInput>;
  updateLead?: Given<UpdateLeadStepInput>;
};

type Settings<S extends Step> = Omit<S, "id" | "name" | "delay">;
export type StepSettings = Settings<EmailStep> | Settings<TaskStep> | Settings<UpdateLeadStep>;

/** What an input says of a step; `name` and `delay` are undefined where it leaves them as they are. */
export type StepReading = { name: string | null | undefined; delay: Delay | undefined; settings: StepSettings };

const KINDS = ["email", "task", "updateLead"] as const;

/**
 * Reads a step's input.
 * @param errors gets what the caller can put right; null is answered then.
 * @throws BAD_USER_INPUT for texts that are too long.
 */
export function readStep(input: StepInput, path: readonly string[], errors: UserError[]): StepReading | null {
  const before = errors.length;
  const kind = exactlyOne(input, KINDS, path, errors);
  if (input.name) checkText(input.name, [...path, "name"], { max: LIMITS.name });
  checkDelay(input.delay, [...path, "delay"], errors);
  const settings = kind && readSettings(kind, input, [...path, kind], errors);
  if (!settings || errors.length > before) return null;
  return { name: input.name, delay: input.delay ? plainDelay(input.delay) : undefined, settings };
}

function readSettings(
  kind: (typeof KINDS)[number],
  input: StepInput,
  path: readonly string[],
  errors: UserError[],
): StepSettings {
  switch (kind) {
    case "email": {
      const { sender, templateId, sendMode, ignoreSchedule } = input.email!;
      return {
        kind: "EMAIL",
        sender: readPerson(sender, [...path, "sender"]),
        templateId: readId(templateId, [...path, "templateId"]),
        sendMode: sendMode ?? "SEND",
        ignoreSchedule: ignoreSchedule ?? false,
      };
    }
    case "task": {
      const { description, due, assignee, optional } = input.task!;
      checkText(description, [...path, "description"], { max: LIMITS.taskDescription });
      checkDelay(due, [...path, "due"], errors);
      return {
        kind: "TASK",
        description,
        due: due ? plainDelay(due) : null,
        assignee: readPerson(assignee, [...path, "assignee"]),
        optional: optional ?? false,
      };
    }
    case "updateLead": {
      const { fields, overwrite, addMissingChoices } = input.updateLead!;
      return {
        kind: "UPDATE_LEAD",
        fields: readFields(fields, [...path, "fields"], errors),
        overwrite: overwrite ?? true,
        addMissingChoices: addMissingChoices ?? false,
      };
    }
  }
}

function readFields(inputs: FieldAssignmentInput[], path: readonly string[], errors: UserError[]) {
  if (inputs.length > LIMITS.fields) {
    errors.push(userError("TOO_MANY", `A step sets at most ${LIMITS.fields} fields.`, path));
  }
  const seen = new Set<string>();
  return inputs.map((input, index) => {
    const at = [...path, String(index)];
    checkText(input.field, [...at, "field"], { max: LIMITS.name, min: 1 });
    if (input.template) checkText(input.template, [...at, "template"], { max: LIMITS.fieldTemplate });
    // An explicit `value: null` says: make it empty.
    const hasTemplate = input.template !== null && input.template !== undefined;
    const hasValue = input.value !== undefined && !(hasTemplate && input.value === null);
    if (hasValue === hasTemplate) {
      errors.push(userError("EXACTLY_ONE_OF", "Give exactly one of value, template.", at));
    }
    if (seen.has(input.field)) {
      errors.push(userError("DUPLICATE", `The field ${input.field} is set twice in this step.`, [...at, "field"]));
    }
    seen.add(input.field);
    return { field: input.field, value: input.value ?? null, template: input.template ?? null };
  });
}

/** What the mode has no use for is left out, so that equal rules are equal documents. */
function readPerson(input: Given<PersonRuleInput>, path: readonly string[]): PersonRule | null {
  if (!input) return null;
  return {
    mode: input.mode,
    userId: input.mode === "USER" ? readId(input.userId, [...path, "userId"]) : null,
    groupIds: [],
    customFieldId: input.mode === "CUSTOM_FIELD" ? readId(input.customFieldId, [...path, "customFieldId"]) : null,
  };
}

/** A draft may name what does not exist, so only the form is looked at. */
function readId(id: Given<string>, path: readonly string[]): string | null {
  return id ? checkText(id, path, { max: LIMITS.id }) : null;
}

function checkDelay(delay: Given<Delay>, path: readonly string[], errors: UserError[]): void {
  if (!delay || isDelayInRange(delay)) return;
  errors.push(
    userError("DELAY_OUT_OF_RANGE", `A delay is from 0 minutes to ${LIMITS.delayDays} days.`, [...path, "amount"]),
  );
}

/** graphql-js makes input objects without a prototype. */
function plainDelay({ amount, unit }: Delay): Delay {
  return { amount, unit };
}
