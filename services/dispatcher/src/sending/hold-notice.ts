import type { Reason } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import { type MessageDocument, messageStepResult } from "@cadenza/sending";
import type { MessageChange } from "./sending-store.ts";

/** `until` null: nobody knows. */
export type Hold = { reason: Reason; until: Date | null };

/** A time that moves by less is not told again. */
const SAME_WITHIN_MS = 1000;

/**
 * Tells the run's step what keeps its message back, or that nothing does any more (RUN-2), where the run was told otherwise.
 * A message that goes out needs no word: its end follows.
 * @returns what remembers it, to be written with the message; nothing where nothing was told.
 */
export function tellHold(
  unit: UnitOfWork,
  message: Pick<MessageDocument, "_id" | "organizationId" | "step" | "toldHold">,
  hold: Hold | null,
  at: Date,
): Pick<MessageChange, "toldHold"> {
  const result = messageStepResult(message, "WAITING", hold?.reason ?? null, at);
  if (!result || isTold(message.toldHold ?? null, hold)) return {};
  const items = [{ ...result, heldUntil: hold?.until ?? null }];
  unit.tell({ kind: "communicationsStepEnded", organizationId: message.organizationId, items });
  return { toldHold: hold && { code: hold.reason.code, until: hold.until } };
}

function isTold(told: NonNullable<MessageDocument["toldHold"]> | null, hold: Hold | null): boolean {
  if (!told || !hold) return told === hold;
  if (told.code !== hold.reason.code) return false;
  if (!told.until || !hold.until) return told.until === hold.until;
  return Math.abs(told.until.getTime() - hold.until.getTime()) <= SAME_WITHIN_MS;
}
