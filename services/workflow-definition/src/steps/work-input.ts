import type { AssignUserStep, CallStep, Delay, TaskStep } from "@cadenza/contracts";
import { checkText, type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import { readDelay } from "./delay-input.ts";
import type { Given } from "./given.ts";
import { type PersonRuleInput, readId, readIds, readPerson } from "./person-input.ts";
import type { SettingsOf } from "./step-settings.ts";

export type CallStepInput = {
  assignee?: Given<PersonRuleInput>;
  note?: Given<string>;
  optionalAfterDays?: Given<number>;
  ignoreSchedule?: Given<boolean>;
};
export type TaskStepInput = {
  description: string;
  due?: Given<Delay>;
  assignee?: Given<PersonRuleInput>;
  optional?: Given<boolean>;
};
export type AssignUserStepInput = {
  targetFieldId?: Given<string>;
  action: AssignUserStep["action"];
  userId?: Given<string>;
  groupIds?: Given<string[]>;
  strategy?: Given<AssignUserStep["strategy"]>;
};

export function readCall(input: CallStepInput, path: readonly string[], errors: UserError[]): SettingsOf<CallStep> {
  const { assignee, note, optionalAfterDays: days, ignoreSchedule } = input;
  if (note) checkText(note, [...path, "note"], { max: LIMITS.callNote });
  if (days !== null && days !== undefined && !isOptionalAfter(days)) {
    const message = `A call task is skipped after 1 to ${LIMITS.delayDays} days, or never.`;
    errors.push(userError("OUT_OF_RANGE", message, [...path, "optionalAfterDays"]));
  }
  return {
    kind: "CALL",
    assignee: readPerson(assignee, [...path, "assignee"], errors),
    note: note || null,
    ignoreSchedule: ignoreSchedule ?? false,
    optionalAfterDays: days ?? null,
  };
}

/** Whether a call task may be skipped after so many days (CALL-2). */
export function isOptionalAfter(days: number): boolean {
  return days >= 1 && days <= LIMITS.delayDays;
}

export function readTask(input: TaskStepInput, path: readonly string[], errors: UserError[]): SettingsOf<TaskStep> {
  const { description, due, assignee, optional } = input;
  checkText(description, [...path, "description"], { max: LIMITS.taskDescription });
  return {
    kind: "TASK",
    description,
    due: readDelay(due, [...path, "due"], errors),
    assignee: readPerson(assignee, [...path, "assignee"], errors),
    optional: optional ?? false,
  };
}

/** A person is of no use where the field is cleared, and is left out. */
export function readAssignUser(
  input: AssignUserStepInput,
  path: readonly string[],
  errors: UserError[],
): SettingsOf<AssignUserStep> {
  const { targetFieldId, action, strategy } = input;
  const userId = readId(input.userId, [...path, "userId"]);
  const groupIds = readIds(input.groupIds, "groups", [...path, "groupIds"], errors);
  if (userId !== null && groupIds.length > 0) {
    errors.push(userError("EXACTLY_ONE_OF", "Give exactly one of userId, groupIds.", path));
  }
  const who = action === "UNASSIGN" ? { userId: null, groupIds: [] } : { userId, groupIds };
  return {
    kind: "ASSIGN_USER",
    targetFieldId: readId(targetFieldId, [...path, "targetFieldId"]),
    action,
    ...who,
    strategy: strategy ?? "RANDOM",
  };
}
