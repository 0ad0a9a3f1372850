import type { Reason, StepResult } from "@cadenza/contracts";
import type { MessageDocument } from "./message.ts";

/** What a message's fate means for the step it is the effect of; null for a message that a person sent. */
export function messageStepResult(
  message: Pick<MessageDocument, "_id" | "step">,
  outcome: StepResult["outcome"],
  reason: Reason | null,
  at: Date,
): StepResult | null {
  if (!message.step) return null;
  return { ...message.step, outcome, reason, messageId: message._id, taskId: null, changes: null, at };
}
