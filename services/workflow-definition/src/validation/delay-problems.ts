import type { Delay } from "@cadenza/contracts";
import { LIMITS } from "../limits.ts";
import { isDelayInRange } from "../steps/delay-range.ts";
import type { Report } from "./problem.ts";

export function reportDelay(delay: Delay, field: string, report: Report): void {
  if (isDelayInRange(delay)) return;
  report("DELAY_OUT_OF_RANGE", `${field}.amount`, `A delay is from 0 minutes to ${LIMITS.delayDays} days.`);
}
