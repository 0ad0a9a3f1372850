import type { CallEnded } from "@cadenza/contracts";
import { badUserInput, checkText } from "@cadenza/subgraph";
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type Answer, done, refused } from "../answer.ts";
import type { CallDocument } from "./call.ts";

export type LogCallInput = {
  contactId: string;
  userId?: string | null;
  number?: string | null;
  status?: CallEnded["status"] | null;
  outcome?: string | null;
  note?: string | null;
  durationSeconds?: number | null;
  direction?: CallEnded["direction"] | null;
  startedAt?: Date | null;
  idempotencyKey?: string | null;
};
type What = Pick<CallDocument, "status" | "outcome" | "note" | "durationSeconds" | "direction">;

const MAX_OUTCOME = 200;
const MAX_NOTE = 10_000;
const MAX_NUMBER = 50;
const MAX_SECONDS = 86_400;
/** Clients' clocks are a little wrong. */
const AHEAD_MS = 60_000;

/**
 * What of a call needs nobody to be asked.
 * @throws BAD_USER_INPUT for values that cannot be stored.
 */
export function readWhat(input: LogCallInput): Answer<What> {
  const { status, direction, durationSeconds = null } = input;
  const outcome = readText(input.outcome, "outcome", MAX_OUTCOME);
  const note = readText(input.note, "note", MAX_NOTE);
  if (durationSeconds !== null && (durationSeconds < 0 || durationSeconds > MAX_SECONDS)) {
    throw badUserInput(`A call lasts from 0 to ${MAX_SECONDS} seconds.`, ["input", "durationSeconds"]);
  }
  if (status === "IN_PROGRESS") {
    return refused("CALL_NOT_OVER", "A call is logged once it is over.", ["input", "status"]);
  }
  return done({ status: status ?? "COMPLETED", outcome, note, durationSeconds, direction: direction ?? "OUTBOUND" });
}

/** From when to when: up to now where nobody says; a call that was just logged cannot end later than that. */
export function readWhen(
  { startedAt, durationSeconds }: Pick<LogCallInput, "startedAt" | "durationSeconds">,
  now: Date,
): Answer<{ startedAt: Date; endedAt: Date }> {
  const lengthMs = (durationSeconds ?? 0) * 1000;
  if (!startedAt) return done({ startedAt: new Date(now.getTime() - lengthMs), endedAt: now });
  if (startedAt.getTime() > now.getTime() + AHEAD_MS) {
    return refused("INVALID_VALUE", "A call that is over cannot begin in the future.", ["input", "startedAt"]);
  }
  const start = Math.min(startedAt.getTime(), now.getTime());
  return done({ startedAt: new Date(start), endedAt: new Date(Math.min(start + lengthMs, now.getTime())) });
}

/** In E.164, as contacts' numbers are (CRM-2). @param country reads one without a prefix. */
export function readNumber(text: string | null | undefined, country: string): Answer<string | null> {
  if (text === null || text === undefined) return done(null);
  const parsed =
    text.length <= MAX_NUMBER
      ? parsePhoneNumberFromString(text, { defaultCountry: country as CountryCode, extract: false })
      : undefined;
  if (parsed?.isPossible() && !parsed.ext) return done(parsed.number);
  return refused("INVALID_PHONE", "This is not a possible phone number.", ["input", "number"]);
}

function readText(text: string | null | undefined, field: string, max: number): string | null {
  return text === null || text === undefined ? null : checkText(text, ["input", field], { max });
}
