import type { EmailStep, SmsStep } from "@cadenza/contracts";
import { EMAIL_SENDER, reportPerson, SMS_SENDER } from "./person-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

export function reportEmail(step: EmailStep, references: References, report: Report): void {
  reportPerson(step.sender, EMAIL_SENDER, "email.sender", references, report);
  reportTemplate(step.templateId, "EMAIL", "email.templateId", references, report);
}

export function reportSms(step: SmsStep, references: References, report: Report): void {
  reportPerson(step.sender, SMS_SENDER, "sms.sender", references, report);
  reportTemplate(step.templateId, "SMS", "sms.templateId", references, report);
}

const CHANNELS = { EMAIL: "email", SMS: "SMS" } as const;

function reportTemplate(
  templateId: string | null,
  channel: "EMAIL" | "SMS",
  field: string,
  references: References,
  report: Report,
): void {
  if (templateId === null) return report("TEMPLATE_MISSING", field, "The step has no template; choose one.");
  const template = references.templates.get(templateId);
  if (!template) report("TEMPLATE_MISSING", field, "There is no such template.");
  else if (template.channel !== channel) {
    report("TEMPLATE_WRONG_CHANNEL", field, `This is not a template for ${CHANNELS[channel]}.`);
  } else if (!template.shared) report("TEMPLATE_NOT_SHARED", field, "This template is not shared; share it first.");
}
