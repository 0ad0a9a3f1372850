import type { Reason, SendsService } from "@cadenza/contracts";
import { ServiceUnavailableError } from "@cadenza/platform";
import type { RunCommand } from "../runs/decide.ts";
import type { Answer } from "./walk.ts";

export const ASSUMED_COMPLETED: Reason = {
  code: "ASSUMED_COMPLETED",
  message: "A run waits here until someone completes the task; the dry run takes it as completed at once.",
};

/**
 * Answers commands as their receivers would, without any effect. Emails are planned by the code that sends them; the limits
 * of accounts are not looked at.
 */
export function simulatedReceivers(
  sends: Pick<SendsService, "previewEmails">,
  organizationId: string,
): (command: RunCommand, at: Date) => Promise<Answer> {
  return async (command, at) => {
    switch (command.kind) {
      case "prepareEmail":
        return previewOf(sends, organizationId, command.item, at);
      case "createTask":
        return { outcome: "DONE", reason: command.item.optional ? null : ASSUMED_COMPLETED };
      default:
        return { outcome: "DONE", reason: null };
    }
  };
}

async function previewOf(
  sends: Pick<SendsService, "previewEmails">,
  organizationId: string,
  item: Extract<RunCommand, { kind: "prepareEmail" }>["item"],
  at: Date,
): Promise<Answer> {
  const { sender, templateId, leadId, contactId, opportunityId, creatorOrEnrollingUserId, event, chosenAccountIds } =
    item;
  const order = {
    sender,
    templateId,
    leadId,
    contactId,
    opportunityId,
    creatorOrEnrollingUserId,
    event,
    chosenAccountIds,
  };
  const { emails } = await sends.previewEmails({ organizationId, items: [{ ...order, at: at.toISOString() }] });
  const [preview] = emails;
  if (!preview) throw new ServiceUnavailableError("communications");
  const { outcome, reason, senderId, subject, body } = preview;
  return { outcome: outcome === "READY" ? "DONE" : outcome, reason, email: { senderId, subject, body } };
}
