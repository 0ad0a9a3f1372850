import type { Reason } from "@cadenza/contracts";
import type { EmailAccountDocument } from "@cadenza/sending";
import { REASONS } from "./reasons.ts";

export type SendingCount = { lastHour: number; last24Hours: number; queued: number };

export type AccountChoice = {
  senderId: string;
  /** Accounts that the caller chose at the run's start (ENR-5), loaded; those that are gone are left out. */
  chosen: readonly EmailAccountDocument[];
  /** The sender's own. */
  own: readonly EmailAccountDocument[];
  /** What an account has sent and still has to send. */
  countOf: (accountId: string) => SendingCount;
};

/**
 * Which account a sender's email leaves from (EML-2, EML-3): the chosen one while it is usable, else the sender's default,
 * else the connected one with the most limit left. Where all that could be are paused, the message waits in one of them
 * (`ACCOUNT_PAUSED`) until a person lets it go on: a pause is no reason to fail every run.
 */
export function chooseAccount({ senderId, chosen, own, countOf }: AccountChoice): EmailAccountDocument | Reason {
  const usable = chosen.filter(isConnected);
  const leave = usable.filter((account) => account.ownerId === senderId || account.sendAsUserIds.includes(senderId));
  const preferred = leave.find(({ ownerId }) => ownerId === senderId) ?? leave[0];
  if (preferred) return preferred;
  // Sending from another account than the chosen one would show the recipient a sender that nobody chose.
  if (usable.length > 0) return REASONS.sendAsDisabled;
  const connected = own.filter(isConnected);
  const waiting = connected.length > 0 ? connected : own.filter(({ status }) => status === "PAUSED");
  return waiting.find((account) => account.default) ?? mostLeft(waiting, countOf) ?? REASONS.noEmailAccount;
}

function isConnected({ status }: EmailAccountDocument): boolean {
  return status === "CONNECTED";
}

/** Ties go to the shorter queue, then to the older account. */
function mostLeft(
  accounts: readonly EmailAccountDocument[],
  countOf: (accountId: string) => SendingCount,
): EmailAccountDocument | undefined {
  const ranked = accounts.map((account) => ({ account, count: countOf(account._id) }));
  ranked.sort(
    (a, b) =>
      leftOf(b.account, b.count) - leftOf(a.account, a.count) ||
      a.count.queued - b.count.queued ||
      (a.account._id < b.account._id ? -1 : 1),
  );
  return ranked[0]?.account;
}

/** A large number instead of infinity, so that two accounts without limits compare. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

function leftOf({ limits }: EmailAccountDocument, { lastHour, last24Hours, queued }: SendingCount): number {
  const hour = limits.perHour === null ? UNLIMITED : limits.perHour - lastHour - queued;
  const day = limits.per24Hours === null ? UNLIMITED : limits.per24Hours - last24Hours - queued;
  return Math.min(hour, day);
}
