import type { Delay } from "@cadenza/contracts";
import { type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import { isDelayInRange } from "./delay-range.ts";
import type { Given } from "./given.ts";

/** Null where none is given; `errors` gets one that is out of range. */
export function readDelay(delay: Given<Delay>, path: readonly string[], errors: UserError[]): Delay | null {
  if (!delay) return null;
  if (!isDelayInRange(delay)) {
    const message = `A delay is from 0 minutes to ${LIMITS.delayDays} days.`;
    errors.push(userError("DELAY_OUT_OF_RANGE", message, [...path, "amount"]));
  }
  // graphql-js makes input objects without a prototype.
  return { amount: delay.amount, unit: delay.unit };
}
