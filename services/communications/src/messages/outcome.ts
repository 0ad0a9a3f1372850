import type { Reason, StepResult } from "@cadenza/contracts";
import type { MessageStatus } from "@cadenza/sending";

type Outcome = StepResult["outcome"];

/** What a message's status means for its step. Open ones have their outcome still before them. */
const OUTCOMES: Record<MessageStatus, Outcome> = {
  QUEUED: "WAITING",
  SENDING: "WAITING",
  SENT: "DONE",
  DELIVERED: "DONE",
  BOUNCED: "SKIPPED",
  FAILED: "ERROR",
  CANCELED: "CANCELED",
  UNKNOWN_OUTCOME: "ERROR",
};

export function outcomeOf(message: { status: MessageStatus; reason: Reason | null }): Outcome {
  // A recipient who unsubscribed skips the step; a withdrawal cancels it.
  const skipped = message.status === "CANCELED" && message.reason && SKIPPING_CODES.has(message.reason.code);
  return skipped ? "SKIPPED" : OUTCOMES[message.status];
}

const SKIPPING_CODES: ReadonlySet<string> = new Set(["UNSUBSCRIBED", "BOUNCED", "COMPLAINED"]);
