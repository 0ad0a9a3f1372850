import type { Reason } from "@cadenza/contracts";
import type { Clock } from "@cadenza/platform";
import { renderTemplate, subjectVariables } from "@cadenza/templating";
import { notFound } from "@cadenza/subgraph";
import type { People } from "../people.ts";
import { REASONS } from "../preparation/reasons.ts";
import type { Viewer } from "../viewer.ts";
import type { TemplateStore } from "./store.ts";

export type TemplatePreview = { subject: string | null; body: string | null; error: Reason | null };

/** A template rendered for a contact, or the error that a step would meet. */
export async function previewTemplate(
  options: { store: TemplateStore; people: People; clock: Clock },
  viewer: Viewer,
  args: { templateId: string; contactId: string; senderId?: string | null },
): Promise<TemplatePreview> {
  const senderId = args.senderId ?? viewer.userId;
  const [[template], subjects] = await Promise.all([
    options.store.findVisible(viewer, [args.templateId]),
    options.people.ofContact(viewer.scope, args.contactId, senderId ? [senderId] : []),
  ]);
  if (!template) throw notFound("template");
  if (!subjects) throw notFound("contact");
  const { organization, lead, contact } = subjects;
  const sender = subjects.users[0] ?? null;
  if (senderId && !sender) return failed(REASONS.senderUnresolved);
  const variables = subjectVariables({ organization, lead, contact, opportunity: null, sender, event: null });
  const how = { now: options.clock.now(), timeZone: organization.timeZone };
  const subject = renderTemplate(template.subject ?? "", variables, { ...how, format: "line" });
  if (!subject.ok) return failed(subject.reason);
  const body = renderTemplate(template.body, variables, { ...how, format: "html" });
  return body.ok ? { subject: subject.text, body: body.text, error: null } : failed(body.reason);
}

function failed(error: Reason): TemplatePreview {
  return { subject: null, body: null, error };
}
