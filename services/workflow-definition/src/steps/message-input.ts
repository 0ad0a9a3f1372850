import type { EmailStep, SmsStep } from "@cadenza/contracts";
import type { UserError } from "@cadenza/subgraph";
import type { Given } from "./given.ts";
import { type PersonRuleInput, readId, readPerson } from "./person-input.ts";
import type { SettingsOf } from "./step-settings.ts";

export type SmsStepInput = {
  sender?: Given<PersonRuleInput>;
  templateId?: Given<string>;
  sendMode?: Given<EmailStep["sendMode"]>;
  ignoreSchedule?: Given<boolean>;
};
export type EmailStepInput = SmsStepInput & { replyInThread?: Given<boolean> };

export function readEmail(input: EmailStepInput, path: readonly string[], errors: UserError[]): SettingsOf<EmailStep> {
  return { kind: "EMAIL", ...readMessage(input, path, errors), replyInThread: input.replyInThread ?? false };
}

export function readSms(input: SmsStepInput, path: readonly string[], errors: UserError[]): SettingsOf<SmsStep> {
  return { kind: "SMS", ...readMessage(input, path, errors) };
}

function readMessage(input: SmsStepInput, path: readonly string[], errors: UserError[]) {
  return {
    sender: readPerson(input.sender, [...path, "sender"], errors),
    templateId: readId(input.templateId, [...path, "templateId"]),
    sendMode: input.sendMode ?? "SEND",
    ignoreSchedule: input.ignoreSchedule ?? false,
  };
}
