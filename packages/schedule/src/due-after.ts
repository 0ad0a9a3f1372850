import type { Delay } from "@cadenza/contracts";
import { DAY_MS, instantOf, localOf } from "./local-time.ts";
import { ZoneOffsets } from "./zone-offsets.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * When a delay that began at `since` is over (SCH-5): minutes and hours are absolute durations, days are calendar days in
 * `timeZone` that keep the local time.
 * @throws UnknownTimeZoneError
 */
export function dueAfter(since: Date, delay: Delay, timeZone: string): Date {
  if (delay.amount === 0) return since;
  const sinceMs = since.getTime();
  switch (delay.unit) {
    case "MINUTE":
      return new Date(sinceMs + delay.amount * MINUTE_MS);
    case "HOUR":
      return new Date(sinceMs + delay.amount * HOUR_MS);
    case "DAY": {
      const zone = ZoneOffsets.of(timeZone);
      return new Date(instantOf(zone, localOf(zone, sinceMs) + delay.amount * DAY_MS));
    }
  }
}
