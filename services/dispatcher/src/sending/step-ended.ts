import type { Reason, StepResult } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import { type MessageDocument, messageStepResult } from "@cadenza/sending";

/** Tells the engine what a message's fate means for its run's step, and whoever watches the message that it changed. */
export function tellFate(
  unit: UnitOfWork,
  message: MessageDocument,
  fate: { outcome: StepResult["outcome"]; reason: Reason | null } | null,
  at: Date,
): void {
  unit.notify("message", message.organizationId, message._id, message.version + 1);
  const result = fate && messageStepResult(message, fate.outcome, fate.reason, at);
  if (result) unit.tell({ kind: "communicationsStepEnded", organizationId: message.organizationId, items: [result] });
}
