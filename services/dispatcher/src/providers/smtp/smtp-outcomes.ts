import { AddressNotAllowedError, SecretError } from "@cadenza/sending";
import type { Answer } from "../provider.ts";
import { NotStarted, SmtpFailure, type SmtpPhase } from "./smtp-failure.ts";

type Outcome = "address" | "message" | "later" | "accountLater" | "credentials" | "unknown";
type Row = { match: RegExp | null; at?: readonly SmtpPhase[]; outcome: Outcome; why: string };

const ENVELOPE = ["SENDER", "RECIPIENT", "DATA"] as const satisfies readonly SmtpPhase[];

/**
 * What an SMTP reply means for the message: the first row that fits. RFC 5321 §4.2.1 and §4.2.3; enhanced codes RFC 3463 and
 * RFC 5248; sign-in RFC 4954 §6. `match` is null where no reply came.
 */
export const SMTP_OUTCOMES: readonly Row[] = [
  { match: null, at: ["BODY"], outcome: "unknown", why: "the connection ended before the answer to the message" },
  {
    match: null,
    at: ["SIGN_IN"],
    outcome: "credentials",
    why: "a password is missing, or no way to sign in is shared",
  },
  { match: null, at: ENVELOPE, outcome: "accountLater", why: "the connection ended before the message was asked for" },
  { match: null, outcome: "accountLater", why: "no connection: refused, timed out, name not found, TLS failed" },
  { match: /^(454|432) /, at: ["SIGN_IN"], outcome: "accountLater", why: "sign-in is out of order for now" },
  { match: /^4/, at: ["SIGN_IN"], outcome: "accountLater", why: "the server cannot judge the sign-in for now" },
  { match: /^5/, at: ["SIGN_IN"], outcome: "credentials", why: "535 and kin: user name or password refused" },
  { match: /^530/, outcome: "credentials", why: "the server wants a sign-in that the account has not got" },
  { match: /^5/, at: ["CONNECT"], outcome: "accountLater", why: "554 as greeting, 5xx to EHLO or STARTTLS" },
  { match: /^4/, at: ["CONNECT"], outcome: "accountLater", why: "the server takes no mail for now" },
  { match: /^421/, outcome: "accountLater", why: "the server is closing down" },
  { match: /^4/, outcome: "later", why: "transient: greylisting, full mailbox, busy server, rate limits" },
  { match: /^5\d\d[ -]5\.1\.[78]/, outcome: "message", why: "the sender's address, not the recipient's, is refused" },
  {
    match: /^5\d\d[ -]5\.1\./,
    at: ["RECIPIENT", "DATA", "BODY"],
    outcome: "address",
    why: "no such mailbox, moved, bad syntax",
  },
  {
    match: /^550(?![ -][245]\.\d)/,
    at: ["RECIPIENT"],
    outcome: "address",
    why: "a plain 550 at RCPT TO: no such mailbox",
  },
  { match: /^5/, outcome: "message", why: "policy, content, size, system not accepting" },
  { match: /^/, at: ["BODY"], outcome: "unknown", why: "an answer that is none of RFC 5321's" },
  { match: /^/, outcome: "accountLater", why: "an answer that is none of RFC 5321's" },
];

/** RFC 5321 allows lines of 512 bytes and any number of them; a person needs the beginning. */
const TEXT_LENGTH = 300;

/** What became of the message, for anything that sending it by SMTP may throw. */
export function classifySmtp(error: unknown): Answer {
  if (error instanceof NotStarted) return { kind: "notStarted" };
  if (error instanceof AddressNotAllowedError) return { kind: "refused", fault: "MESSAGE", text: error.message };
  if (error instanceof SecretError)
    return { kind: "deferred", scope: "CREDENTIALS", text: "the stored password cannot be read" };
  if (!(error instanceof SmtpFailure)) return { kind: "deferred", scope: "ACCOUNT", text: textOf(error) };
  // Refused by the client itself: an address it cannot express, a message larger than the server takes.
  if (error.reply === null && isRefusedHere(error)) return { kind: "refused", fault: "MESSAGE", text: textOf(error) };
  const row = SMTP_OUTCOMES.find(({ match, at }) => (at?.includes(error.phase) ?? true) && fits(match, error.reply));
  return answerOf(row?.outcome ?? "unknown", textOf(error));
}

function fits(match: RegExp | null, reply: string | null): boolean {
  return match === null || reply === null ? match === reply : match.test(reply);
}

function isRefusedHere(error: SmtpFailure): boolean {
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return error.phase !== "BODY" && (code === "EENVELOPE" || code === "EMESSAGE");
}

function answerOf(outcome: Outcome, text: string): Answer {
  switch (outcome) {
    case "address":
      return { kind: "refused", fault: "ADDRESS", text };
    case "message":
      return { kind: "refused", fault: "MESSAGE", text };
    case "later":
      return { kind: "deferred", scope: "MESSAGE", text };
    case "accountLater":
      return { kind: "deferred", scope: "ACCOUNT", text };
    case "credentials":
      return { kind: "deferred", scope: "CREDENTIALS", text };
    case "unknown":
      return { kind: "unknown", text };
  }
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ").slice(0, TEXT_LENGTH);
}
