import { ServiceUnavailableError } from "@cadenza/platform";

/** How often a failing item is tried before it becomes a dead letter; delays are those of `backoffMs`. */
const MAX_DELIVERIES = 6;
/** The same while another service is away: about a quarter of an hour. */
const MAX_DELIVERIES_WHILE_AWAY = 120;

/** Whether items are tried again after so many deliveries. Where nothing is wrong with them, that is for long. */
export function isTriedAgain(deliveries: number, errors: readonly unknown[]): boolean {
  return deliveries < (errors.every(isAway) ? MAX_DELIVERIES_WHILE_AWAY : MAX_DELIVERIES);
}

/** Whether it is of no use to try an envelope's other items now. Only at first: one of them may be what takes too long. */
export function isHandedBack(deliveries: number, error: unknown): boolean {
  return isAway(error) && deliveries < MAX_DELIVERIES;
}

function isAway(error: unknown): boolean {
  return error instanceof ServiceUnavailableError;
}
