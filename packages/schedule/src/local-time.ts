import type { ZoneOffsets } from "./zone-offsets.ts";

/** Local time as a number: the milliseconds that a UTC clock showing the same date and time would have. */
export type LocalMs = number;

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** No zone is further from UTC (Baker Island −12, Kiribati +14), and no change is larger than a day (Samoa, 2011). */
const FURTHEST_MS = 15 * 3_600_000;
const LARGEST_CHANGE_MS = DAY_MS;

export function localOf(zone: ZoneOffsets, ms: number): LocalMs {
  return ms + zone.offsetAt(ms);
}

/**
 * The instant of a local time (SCH-5): the earliest one whose local time is not before it. So a time that does not exist
 * is the first instant after the gap, and one that occurs twice is its first occurrence.
 */
export function instantOf(zone: ZoneOffsets, local: LocalMs): number {
  const near = zone.stretchAt(local);
  const guess = local - near.offsetMs;
  // Far from any change, there is nothing to decide.
  if (guess >= near.startMs + LARGEST_CHANGE_MS && guess < near.endMs) return guess;
  let stretch = zone.stretchAt(local - FURTHEST_MS - LARGEST_CHANGE_MS);
  for (;;) {
    const candidate = Math.max(stretch.startMs, local - stretch.offsetMs);
    if (candidate < stretch.endMs) return candidate;
    stretch = zone.stretchAt(stretch.endMs);
  }
}

/** Days since 1970-01-01 of a local date. */
export function dayOf(local: LocalMs): number {
  return Math.floor(local / DAY_MS);
}
