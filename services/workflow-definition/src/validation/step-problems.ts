import type { Delay, EmailStep, PersonRule, TaskStep } from "@cadenza/contracts";
import { checkTemplate } from "@cadenza/templating";
import { LIMITS } from "../limits.ts";
import { isDelayInRange } from "../steps/delay-range.ts";
import { reportCustomField } from "./custom-field-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";
import { reportUser } from "./user-problems.ts";

type Mode = PersonRule["mode"];

/** Which modes each kind allows (WF-6), as far as the service that has the effect resolves them. */
const SENDER_MODES: ReadonlySet<Mode> = new Set<Mode>(["CREATOR_OR_ENROLLING_USER", "USER"]);
const ASSIGNEE_MODES: ReadonlySet<Mode> = new Set<Mode>(["CREATOR_OR_ENROLLING_USER", "USER", "CUSTOM_FIELD"]);

export function reportDelay(delay: Delay, field: string, report: Report): void {
  if (isDelayInRange(delay)) return;
  report("DELAY_OUT_OF_RANGE", `${field}.amount`, `A delay is from 0 minutes to ${LIMITS.delayDays} days.`);
}

export function reportEmail(step: EmailStep, references: References, report: Report): void {
  const { sender, templateId } = step;
  if (!sender) report("SENDER_MISSING", "email.sender", "The step has no sender; say who sends.");
  else if (!SENDER_MODES.has(sender.mode)) {
    report("SENDER_MODE_NOT_ALLOWED", "email.sender.mode", `${sender.mode} cannot be the sender of an email.`);
  } else reportPerson(sender, "email.sender", references, report);

  const template = templateId === null ? null : references.templates.get(templateId);
  const field = "email.templateId";
  if (!template) {
    const message = templateId === null ? "The step has no template; choose one." : "There is no such template.";
    report("TEMPLATE_MISSING", field, message);
  } else if (template.channel !== "EMAIL") report("TEMPLATE_WRONG_CHANNEL", field, "This is not a template for email.");
  else if (!template.shared) report("TEMPLATE_NOT_SHARED", field, "This template is not shared; share it first.");
}

export function reportTask(step: TaskStep, references: References, report: Report): void {
  const { assignee, description, due } = step;
  if (description.trim() === "") {
    report("DESCRIPTION_MISSING", "task.description", "The task has no description; say what is to be done.");
  }
  const fault = checkTemplate(description, "text");
  if (fault) report(fault.code, "task.description", fault.message);
  if (due) reportDelay(due, "task.due", report);
  if (!assignee) report("ASSIGNEE_MISSING", "task.assignee", "The step has no assignee; say who does it.");
  else if (!ASSIGNEE_MODES.has(assignee.mode)) {
    report("ASSIGNEE_MODE_NOT_ALLOWED", "task.assignee.mode", `${assignee.mode} cannot be the assignee of a task.`);
  } else reportPerson(assignee, "task.assignee", references, report);
}

function reportPerson(
  { mode, userId, customFieldId }: PersonRule,
  field: string,
  references: References,
  report: Report,
): void {
  if (mode === "USER") reportUser(userId ?? "", `${field}.userId`, references, report);
  if (mode !== "CUSTOM_FIELD") return;
  const at = `${field}.customFieldId`;
  const customField = reportCustomField(customFieldId ?? "", "LEAD", at, references, report);
  if (customField && customField.type !== "USER") {
    report("CUSTOM_FIELD_WRONG_TYPE", at, `The field "${customField.name}" holds no users.`);
  }
}
