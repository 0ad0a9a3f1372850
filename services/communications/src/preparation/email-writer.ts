import { createHash } from "node:crypto";
import type { OrganizationView, Schedule } from "@cadenza/contracts";
import { currentTraceparent } from "@cadenza/platform";
import { addressKey, domainOf, type MessageDocument, type MessageStep, sendingShard } from "@cadenza/sending";
import { Binary, type OrganizationScope } from "@cadenza/storage";
import type { UnsubscribeLinks } from "../unsubscribe/links.ts";
import { composeMail } from "./compose-mail.ts";
import type { PlannedEmail } from "./plan-email.ts";

export type MessageContext = {
  id: string;
  /** Names the message for ever: its Message-ID is made of it (SND-2). */
  key: string;
  leadId: string;
  contactId: string;
  runId: string | null;
  step: MessageStep | null;
  templateId: string | null;
  schedule: Schedule | null;
  zone: string | null;
  at: Date;
  organization: OrganizationView;
  /** Bulk and workflow email: carries the headers of RFC 8058, and the visible link where the organization wants it. */
  unsubscribable: boolean;
};

/** Turns a planned email into the stored message, its bytes included. */
export class EmailWriter {
  readonly #links: UnsubscribeLinks;

  constructor(links: UnsubscribeLinks) {
    this.#links = links;
  }

  async write(scope: OrganizationScope, email: PlannedEmail, context: MessageContext): Promise<MessageDocument> {
    const { organizationId } = scope;
    const { account, sender, to, subject } = email;
    const unsubscribeUrl = context.unsubscribable ? this.#links.urlFor(scope, "EMAIL", to) : null;
    const body =
      unsubscribeUrl && context.organization.visibleUnsubscribeLink
        ? withUnsubscribeLink(email.body, unsubscribeUrl)
        : email.body;
    const messageIdHeader = `<${createHash("sha256").update(context.key).digest("hex").slice(0, 40)}@${domainOf(account.address)}>`;
    const from = { name: account.displayName ?? sender.name, address: account.address };
    const raw = await composeMail({ from, to, subject, html: body, messageIdHeader, unsubscribeUrl, date: context.at });
    const { at } = context;
    return {
      _id: context.id,
      organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      channel: "EMAIL",
      direction: "OUTBOUND",
      status: "QUEUED",
      reason: null,
      accountId: account._id,
      shard: sendingShard(organizationId, account.address),
      senderId: sender.id,
      leadId: context.leadId,
      contactId: context.contactId,
      templateId: context.templateId,
      runId: context.runId,
      step: context.step,
      from: from.name ? `"${from.name.replace(/[\p{Cc}"\\]/gu, "")}" <${from.address}>` : from.address,
      to,
      toKey: addressKey(to),
      subject,
      body,
      raw: new Binary(raw),
      envelope: { from: account.address, to },
      messageIdHeader,
      dueAt: at,
      notBefore: null,
      schedule: context.schedule,
      zone: context.zone,
      queuedAt: at,
      attempts: 0,
      nextAttemptAt: null,
      traceparent: currentTraceparent() ?? null,
      sendingSince: null,
      sendingEpoch: null,
      sentAt: null,
      deliveredAt: null,
      providerMessageId: null,
    };
  }
}

/** Where the body ends, if it says so. */
function withUnsubscribeLink(html: string, url: string): string {
  const link = `<p style="font-size:12px;color:#666"><a href="${url}">Unsubscribe</a></p>`;
  const end = html.toLowerCase().lastIndexOf("</body>");
  return end < 0 ? html + link : html.slice(0, end) + link + html.slice(end);
}
