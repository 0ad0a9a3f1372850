import type { Delay } from "@cadenza/contracts";
import { checkText, type UserError } from "@cadenza/subgraph";
import { exactlyOne } from "../exactly-one.ts";
import { LIMITS } from "../limits.ts";
import { readDelay } from "./delay-input.ts";
import {
  type CreateOpportunityStepInput,
  readCreateOpportunity,
  readUpdateLead,
  readUpdateOpportunity,
  type UpdateLeadStepInput,
  type UpdateOpportunityStepInput,
} from "./fields-input.ts";
import type { Given } from "./given.ts";
import { type EmailStepInput, readEmail, readSms, type SmsStepInput } from "./message-input.ts";
import { STEP_KEYS, type StepKey, type StepSettings } from "./step-settings.ts";
import {
  type AssignUserStepInput,
  type CallStepInput,
  readAssignUser,
  readCall,
  readTask,
  type TaskStepInput,
} from "./work-input.ts";

/** The input of `schema.graphql`; its defaults may be overruled by an explicit null. */
export type StepInput = {
  name?: Given<string>;
  delay?: Given<Delay>;
  email?: Given<EmailStepInput>;
  sms?: Given<SmsStepInput>;
  call?: Given<CallStepInput>;
  task?: Given<TaskStepInput>;
  assignUser?: Given<AssignUserStepInput>;
  createOpportunity?: Given<CreateOpportunityStepInput>;
  updateLead?: Given<UpdateLeadStepInput>;
  updateOpportunity?: Given<UpdateOpportunityStepInput>;
};

/** What an input says of a step; `name` and `delay` are undefined where it leaves them as they are. */
export type StepReading = { name: string | null | undefined; delay: Delay | undefined; settings: StepSettings };

const KEYS = Object.values(STEP_KEYS);

/**
 * Reads a step's input.
 * @param errors gets what the caller can put right; null is answered then.
 * @throws BAD_USER_INPUT for texts that are too long.
 */
export function readStep(input: StepInput, path: readonly string[], errors: UserError[]): StepReading | null {
  const before = errors.length;
  const key = exactlyOne(input, KEYS, path, errors);
  if (input.name) checkText(input.name, [...path, "name"], { max: LIMITS.name });
  const delay = readDelay(input.delay, [...path, "delay"], errors) ?? undefined;
  const settings = key && readSettings(key, input, [...path, key], errors);
  return !settings || errors.length > before ? null : { name: input.name, delay, settings };
}

function readSettings(key: StepKey, input: StepInput, path: readonly string[], errors: UserError[]): StepSettings {
  switch (key) {
    case "email":
      return readEmail(input.email!, path, errors);
    case "sms":
      return readSms(input.sms!, path, errors);
    case "call":
      return readCall(input.call!, path, errors);
    case "task":
      return readTask(input.task!, path, errors);
    case "assignUser":
      return readAssignUser(input.assignUser!, path, errors);
    case "createOpportunity":
      return readCreateOpportunity(input.createOpportunity!, path, errors);
    case "updateLead":
      return readUpdateLead(input.updateLead!, path, errors);
    case "updateOpportunity":
      return readUpdateOpportunity(input.updateOpportunity!, path, errors);
  }
}
