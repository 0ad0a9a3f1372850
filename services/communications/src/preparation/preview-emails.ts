import type { PreviewEmailsRequest, PreviewEmailsResponse } from "@cadenza/contracts";
import { organizationScope } from "@cadenza/storage";
import type { EmailPlanner } from "./email-planner.ts";

/** What would become of emails, by the rules that send them; the limits of accounts are not looked at. Writes nothing. */
export async function previewEmails(
  planner: EmailPlanner,
  { organizationId, items }: PreviewEmailsRequest,
): Promise<PreviewEmailsResponse> {
  const orders = items.map(({ at, ...order }) => ({ ...order, now: new Date(at) }));
  const planned = await planner.plan(orders, organizationScope(organizationId));
  return {
    emails: planned.map(({ plan, subject }) => {
      const senderId = subject.users[0]?.id ?? null;
      if (!plan.ok) return { outcome: plan.outcome, reason: plan.reason, senderId, subject: null, body: null };
      const { subject: line, body } = plan.email;
      return { outcome: "READY", reason: null, senderId, subject: line, body };
    }),
  };
}
