import type { Trigger } from "@cadenza/contracts";
import { type UserError, userError } from "@cadenza/subgraph";
import type { Given } from "../steps/given.ts";
import { type ConditionInput, readCondition } from "./condition-input.ts";

export type TriggerInput = {
  event: Trigger["event"];
  conditions?: Given<ConditionInput>;
  stalledDays?: Given<number>;
};

/** Ten years without a change. */
const MAX_STALLED_DAYS = 3650;

export function readTrigger(input: TriggerInput, path: readonly string[], errors: UserError[]): Trigger {
  const { event } = input;
  const conditions = input.conditions ? readCondition(input.conditions, [...path, "conditions"], errors) : null;
  return { event, conditions, stalledDays: readStalledDays(input, [...path, "stalledDays"], errors) };
}

/** OPPORTUNITY_STALLED says after how many days (CRM-5); no other event has a use for them. */
function readStalledDays(
  { event, stalledDays }: TriggerInput,
  path: readonly string[],
  errors: UserError[],
): number | null {
  const days = stalledDays ?? null;
  if (event !== "OPPORTUNITY_STALLED") {
    if (days !== null) errors.push(userError("NOT_ALLOWED", `${event} has no stalledDays.`, path));
    return null;
  }
  if (days === null) {
    errors.push(userError("REQUIRED", "OPPORTUNITY_STALLED needs the number of days without a change.", path));
  } else if (days < 1 || days > MAX_STALLED_DAYS) {
    errors.push(userError("OUT_OF_RANGE", `The days without a change are from 1 to ${MAX_STALLED_DAYS}.`, path));
  }
  return days;
}
