import type { Reason, UserView } from "@cadenza/contracts";
import type { EmailAccountDocument, SuppressionCode } from "@cadenza/sending";
import { renderTemplate, subjectVariables, type TemplateSubjects } from "@cadenza/templating";
import { REASONS } from "./reasons.ts";
import { recipientAddress } from "./recipient-address.ts";

export type EmailFacts = {
  /** Liquid. Null where the template is gone or not shared. */
  content: { subject: string; body: string } | null;
  subjects: TemplateSubjects;
  chooseAccount: (sender: UserView) => EmailAccountDocument | Reason;
  suppressed: (address: string) => SuppressionCode | null;
  now: Date;
};

export type PlannedEmail = {
  to: string;
  account: EmailAccountDocument;
  sender: UserView;
  subject: string;
  /** HTML. */
  body: string;
};

export type EmailPlan =
  | { ok: true; email: PlannedEmail }
  /** SKIPPED: the run goes on without it. ERROR: it stops for a person. */
  | { ok: false; outcome: "SKIPPED" | "ERROR"; reason: Reason };

/** Whether and how an email is sent, from what is known. Pure. The recipient is looked at first: without one, nothing else matters. */
export function planEmail(facts: EmailFacts): EmailPlan {
  const { content, subjects, now } = facts;
  const { lead, contact, sender, organization } = subjects;
  if (!lead || !contact) return failed(REASONS.subjectDeleted);
  const recipient = recipientAddress(contact.emails, facts.suppressed);
  if ("reason" in recipient) return { ok: false, outcome: "SKIPPED", reason: recipient.reason };
  if (!sender) return failed(REASONS.senderUnresolved);
  if (sender.status !== "ACTIVE") return failed(REASONS.userDeactivated);
  const account = facts.chooseAccount(sender);
  if (!("_id" in account)) return failed(account);
  if (!content) return failed(REASONS.templateNotFound);
  const variables = subjectVariables(subjects);
  const how = { now, timeZone: organization.timeZone };
  const subject = renderTemplate(content.subject, variables, { ...how, format: "line" });
  if (!subject.ok) return failed(subject.reason);
  const body = renderTemplate(content.body, variables, { ...how, format: "html" });
  if (!body.ok) return failed(body.reason);
  return { ok: true, email: { to: recipient.address, account, sender, subject: subject.text, body: body.text } };
}

function failed(reason: Reason): EmailPlan {
  return { ok: false, outcome: "ERROR", reason };
}
