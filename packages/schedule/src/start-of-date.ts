import { instantOf } from "./local-time.ts";
import { ZoneOffsets } from "./zone-offsets.ts";

/**
 * 00:00 of a local date `YYYY-MM-DD`; where a clock put forward leaves it out, the first instant of that date (SCH-5). Null
 * for a text that is no date.
 * @throws UnknownTimeZoneError
 */
export function startOfDate(date: string, timeZone: string): Date | null {
  const local = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00.000Z`) : Number.NaN;
  return Number.isNaN(local) ? null : new Date(instantOf(ZoneOffsets.of(timeZone), local));
}
