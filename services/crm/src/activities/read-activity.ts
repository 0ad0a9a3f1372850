import type { ActivityRecorded } from "@cadenza/contracts";
import { badUserInput, checkJson, checkText } from "@cadenza/subgraph";
import { type Problem, problem } from "../values/problem.ts";

export type RecordActivityInput = {
  kind: ActivityRecorded["kind"];
  leadId: string;
  contactId?: string | null;
  userId?: string | null;
  data?: unknown;
  externalId: string;
  occurredAt?: Date | null;
};

const MAX_EXTERNAL_ID = 200;
const MAX_DATA_BYTES = 32 * 1024;
/** Clocks of other systems may be wrong, and zones mistaken; a year ahead is a mistake. */
const MAX_AHEAD_MS = 24 * 3600 * 1000;

/**
 * What `event.data` will be.
 * @throws BAD_USER_INPUT for values that cannot be stored, whoever's lead it is.
 */
export function readActivityData({ externalId, data }: RecordActivityInput): Record<string, unknown> {
  checkText(externalId, ["input", "externalId"], { max: MAX_EXTERNAL_ID, min: 1 });
  const path = ["input", "data"];
  if (data === null || data === undefined) return {};
  if (typeof data !== "object" || Array.isArray(data)) throw badUserInput("This must be a JSON object.", path);
  checkJson(data, path);
  if (Buffer.byteLength(JSON.stringify(data)) > MAX_DATA_BYTES) {
    throw badUserInput("The data is larger than 32 KiB.", path);
  }
  return data as Record<string, unknown>;
}

/** When it happened: now where nobody says, and at most a day ahead. */
export function readOccurredAt(occurredAt: Date | null | undefined, now: Date, problems: Problem[]): Date {
  if (!occurredAt) return now;
  if (occurredAt.getTime() - now.getTime() > MAX_AHEAD_MS) {
    const message = "What has happened cannot lie more than a day in the future.";
    problems.push(problem("INVALID_VALUE", message, ["input", "occurredAt"]));
  }
  return occurredAt;
}
