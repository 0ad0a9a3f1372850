import type { Reason, StepResult } from "@cadenza/contracts";
import { nextOpen } from "@cadenza/schedule";
import type { MessageDocument } from "@cadenza/sending";
import type { Answer } from "../providers/provider.ts";
import { GIVE_UP_MS, retryDelayMs } from "./retry.ts";
import type { MessageChange } from "./sending-store.ts";

/** What an answer makes of a message. */
export type Settlement = {
  set: MessageChange;
  /** What the run's step is told; null where the message goes on. */
  fate: { outcome: StepResult["outcome"]; reason: Reason | null } | null;
  /** Nothing more is to be sent to the address. */
  suppress: Reason | null;
};

/**
 * From the provider's answer to the message's next state (SND-3, EML-8). Pure. Null where it stays as it is: an unknown
 * outcome waits for its time.
 * @param options.at when the answer came.
 * @param options.chance from 0 to 1, draws the wait before the next attempt.
 */
export function settle(
  message: MessageDocument,
  answer: Answer,
  options: { at: Date; chance: number },
): Settlement | null {
  const { at, chance } = options;
  switch (answer.kind) {
    case "accepted":
      return {
        set: {
          status: "SENT",
          sentAt: at,
          providerMessageId: answer.providerMessageId,
          reason: null,
          deferredSince: null,
        },
        fate: { outcome: "DONE", reason: null },
        suppress: null,
      };
    case "refused":
      return answer.fault === "ADDRESS"
        ? bounced(answer.text)
        : failed("PROVIDER_REFUSED", `The mail server refused the message: ${answer.text}`);
    case "deferred":
      return answer.scope === "CREDENTIALS"
        ? signInRefused(message, answer.text, at, chance)
        : deferred(message, answer.text, at, chance);
    case "notStarted":
      return { set: { ...QUEUED_AGAIN, notBefore: null, attempts: message.attempts - 1 }, fate: null, suppress: null };
    case "unknown":
      return null;
  }
}

const QUEUED_AGAIN = { status: "QUEUED", sendingSince: null, sendingEpoch: null } as const;

function bounced(text: string): Settlement {
  const reason = { code: "BOUNCED", message: `The mail server does not know this address: ${text}` };
  return { set: { status: "BOUNCED", reason }, fate: { outcome: "SKIPPED", reason }, suppress: reason };
}

function failed(code: string, text: string): Settlement {
  const reason = { code, message: text };
  return { set: { status: "FAILED", reason }, fate: { outcome: "ERROR", reason }, suppress: null };
}

function deferred(message: MessageDocument, text: string, at: Date, chance: number): Settlement {
  const since = message.deferredSince ?? at;
  if (at.getTime() - since.getTime() >= GIVE_UP_MS) {
    return failed("PROVIDER_UNAVAILABLE", `The mail server has not taken the message for a day: ${text}`);
  }
  const reason = { code: "PROVIDER_DEFERRED", message: `The mail server did not take the message yet: ${text}` };
  return { set: { ...again(message, reason, at, chance), deferredSince: since }, fate: null, suppress: null };
}

/** Time does not count against the message while a person has to put the account right. */
function signInRefused(message: MessageDocument, text: string, at: Date, chance: number): Settlement {
  const reason = { code: "SIGN_IN_REFUSED", message: `The mail server refused the account's sign-in: ${text}` };
  return { set: again(message, reason, at, chance), fate: null, suppress: null };
}

/** The next attempt, inside the message's window. */
function again(message: MessageDocument, reason: Reason, at: Date, chance: number): MessageChange {
  const earliest = new Date(at.getTime() + retryDelayMs(message.attempts, chance));
  const zone = message.zone ?? message.schedule?.timeZone ?? "UTC";
  const nextAttemptAt = nextOpen(message.schedule, zone, earliest) ?? earliest;
  return { ...QUEUED_AGAIN, reason, notBefore: nextAttemptAt, nextAttemptAt };
}
