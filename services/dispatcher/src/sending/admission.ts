import type { Reason, StepResult } from "@cadenza/contracts";
import { isBlackedOut, isTimeZone, nextOpen } from "@cadenza/schedule";
import type { EmailAccountDocument, MessageDocument, SuppressionDocument } from "@cadenza/sending";

/** What may happen to a queued message at this instant. */
export type Admission =
  | { kind: "send" }
  /** It waits, and shows why. */
  | { kind: "hold"; until: Date; reason: Reason }
  /** It waits already. */
  | { kind: "wait"; until: Date }
  /** Its account sends nothing for now. */
  | { kind: "accountPaused" }
  | { kind: "end"; status: "CANCELED" | "FAILED"; outcome: StepResult["outcome"]; reason: Reason };

export const NO_WINDOW = "NO_WINDOW";
/** A schedule that admits no instant may be changed: looked at again after this. */
const NO_WINDOW_RETRY_MS = 24 * 3_600_000;

/**
 * Judges a message at the moment of sending: whatever was true when it was queued may have changed. Pure.
 * @param facts.suppression of its address (EML-7: honoured for every message that no provider has accepted).
 */
export function admit(
  message: MessageDocument,
  facts: { account: EmailAccountDocument | null; suppression: SuppressionDocument | null },
  now: Date,
): Admission {
  const { account, suppression } = facts;
  if (message.withdrawn) return { kind: "end", status: "CANCELED", outcome: "CANCELED", reason: message.withdrawn };
  if (message.notBefore && message.notBefore > now) return { kind: "wait", until: message.notBefore };
  if (suppression) return { kind: "end", status: "CANCELED", outcome: "SKIPPED", reason: suppression.reason };
  if (!account || account.status === "DISCONNECTED") {
    const reason = {
      code: "NO_EMAIL_ACCOUNT",
      message: "The email account was disconnected. Connect one, then retry the step.",
    };
    return { kind: "end", status: "FAILED", outcome: "ERROR", reason };
  }
  if (account.status === "PAUSED") return { kind: "accountPaused" };
  return withinWindow(message, now);
}

const OUTSIDE_WINDOW = {
  code: "OUTSIDE_WINDOW",
  message: "The communication schedule is closed; it goes out when it opens.",
};
const BLACKOUT = {
  code: "BLACKOUT",
  message: "The date is blacked out in the communication schedule; it goes out when it opens again.",
};

/** SCH-7: nothing leaves outside its window because a queue was long. */
function withinWindow(message: MessageDocument, now: Date): Admission {
  if (!message.schedule) return { kind: "send" };
  const zone = message.zone ?? message.schedule.timeZone;
  if (!isTimeZone(zone)) {
    const reason = {
      code: "INVALID_TIME_ZONE",
      message: `The schedule's time zone "${zone}" is not known. Correct it, then retry.`,
    };
    return { kind: "end", status: "FAILED", outcome: "ERROR", reason };
  }
  const opensAt = nextOpen(message.schedule, zone, now);
  if (!opensAt) {
    const reason = {
      code: NO_WINDOW,
      message: "The schedule admits no instant within 400 days. Change the schedule.",
    };
    return { kind: "hold", until: new Date(now.getTime() + NO_WINDOW_RETRY_MS), reason };
  }
  if (opensAt <= now) return { kind: "send" };
  return {
    kind: "hold",
    until: opensAt,
    reason: isBlackedOut(message.schedule, zone, now) ? BLACKOUT : OUTSIDE_WINDOW,
  };
}
