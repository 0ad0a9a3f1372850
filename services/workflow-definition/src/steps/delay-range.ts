import type { Delay } from "@cadenza/contracts";
import { LIMITS } from "../limits.ts";

const PER_DAY: Record<Delay["unit"], number> = { MINUTE: 1440, HOUR: 24, DAY: 1 };

/** Whether a delay is from 0 minutes to 365 days (WF-2). */
export function isDelayInRange({ amount, unit }: Delay): boolean {
  return amount >= 0 && amount <= LIMITS.delayDays * PER_DAY[unit];
}
