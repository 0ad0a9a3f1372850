import { CONNECTION_SECURITIES, DEFAULT_LIMITS, type SendingLimits } from "@cadenza/sending";
import { badUserInput, checkText } from "@cadenza/subgraph";
import { isMailAddress } from "../preparation/mail-address.ts";
import type { ServerInput } from "./check-connection.ts";

/** Left out means: as it is, or the default. */
export type LimitsInput = {
  perHour?: number | null;
  per24Hours?: number | null;
  minimumGapSeconds?: number | null;
};

const MAX_LIMIT = 1_000_000;
const MAX_GAP_SECONDS = 86_400;
const MAX_SEND_AS_USERS = 200;
/** Letters, digits, dots and dashes, or an address literal without brackets. */
const HOST = /^(?=.{1,253}$)[\p{L}\p{N}]([\p{L}\p{N}._:-]*[\p{L}\p{N}])?$/u;

/** @throws BAD_USER_INPUT with the path of the value at fault. */
export function checkAddress(address: string): string {
  const trimmed = address.trim();
  if (!isMailAddress(trimmed)) throw badUserInput("This is not an email address.", ["input", "address"]);
  return trimmed;
}

export function checkDisplayName(name: string | null): string | null {
  if (name === null) return null;
  checkText(name, ["input", "displayName"], { max: 200 });
  if (/\p{Cc}/u.test(name)) throw badUserInput("A name has no line breaks.", ["input", "displayName"]);
  return name.trim() || null;
}

export function checkServer(server: ServerInput): ServerInput {
  const path = ["input", "smtp"];
  if (!HOST.test(server.host) && server.host !== "::1")
    throw badUserInput("This is not the name of a server.", [...path, "host"]);
  if (server.port < 1 || server.port > 65_535) throw badUserInput("A port is from 1 to 65535.", [...path, "port"]);
  if (!CONNECTION_SECURITIES.includes(server.security)) throw badUserInput("Unknown security.", [...path, "security"]);
  if (server.username) checkText(server.username, [...path, "username"], { max: 320 });
  if (server.password) checkText(server.password, [...path, "password"], { max: 1000 });
  if (server.password && !server.username) {
    throw badUserInput("A password needs a user name.", [...path, "username"]);
  }
  return server;
}

export function checkSendAs(userIds: readonly string[]): string[] {
  if (userIds.length > MAX_SEND_AS_USERS) {
    throw badUserInput(`At most ${MAX_SEND_AS_USERS} users.`, ["input", "sendAsUserIds"]);
  }
  return [...new Set(userIds)];
}

/** An explicit null is no limit; what is left out stays as in `base` (SND-1). */
export function limitsOf(input: LimitsInput | null | undefined, base: SendingLimits = DEFAULT_LIMITS): SendingLimits {
  const {
    perHour = base.perHour,
    per24Hours = base.per24Hours,
    minimumGapSeconds = base.minimumGapSeconds,
  } = input ?? {};
  checkRange(perHour, 1, MAX_LIMIT, "perHour");
  checkRange(per24Hours, 1, MAX_LIMIT, "per24Hours");
  checkRange(minimumGapSeconds, 0, MAX_GAP_SECONDS, "minimumGapSeconds");
  return { perHour, per24Hours, minimumGapSeconds: minimumGapSeconds ?? 0 };
}

function checkRange(value: number | null, least: number, most: number, field: string): void {
  if (value === null || (value >= least && value <= most)) return;
  throw badUserInput(`From ${least} to ${most}, or null for no limit.`, ["input", "limits", field]);
}
