import { IANAZone } from "luxon";
import { UnknownTimeZoneError } from "./unknown-time-zone-error.ts";

/** A stretch of time with one offset: `[startMs, endMs)` in UTC, `offsetMs` to be added for local time. */
export type OffsetStretch = { startMs: number; endMs: number; offsetMs: number };

const DAY_MS = 86_400_000;
/** Offsets are looked up a stretch of this length at a time, once. */
const CHUNK_MS = 512 * DAY_MS;
/** Two changes within one day are unknown to the database from 1970 on (Ramadan's pairs are weeks apart). */
const PROBE_MS = DAY_MS;
const MINUTE_MS = 60_000;
/** A zone's memory is bounded, whatever dates it is asked for. */
const MAX_CHUNKS = 64;

/**
 * A zone's offsets as a table. Asking Intl costs microseconds a time, so each chunk of 512 days is probed once, and
 * every question after that is a comparison of numbers.
 */
export class ZoneOffsets {
  readonly #zone: IANAZone;
  readonly #chunks = new Map<number, OffsetStretch[]>();
  #last: OffsetStretch = { startMs: 0, endMs: 0, offsetMs: 0 };

  private constructor(zone: IANAZone) {
    this.#zone = zone;
  }

  static readonly #known = new Map<string, ZoneOffsets>();

  /** @throws UnknownTimeZoneError */
  static of(timeZone: string): ZoneOffsets {
    const known = ZoneOffsets.#known.get(timeZone);
    if (known) return known;
    if (!isTimeZone(timeZone)) throw new UnknownTimeZoneError(timeZone);
    const offsets = new ZoneOffsets(IANAZone.create(timeZone));
    ZoneOffsets.#known.set(timeZone, offsets);
    return offsets;
  }

  /** The stretch that `ms` lies in. It may be cut at a chunk's border, where the next one goes on with the same offset. */
  stretchAt(ms: number): OffsetStretch {
    if (ms >= this.#last.startMs && ms < this.#last.endMs) return this.#last;
    const stretches = this.#chunk(Math.floor(ms / CHUNK_MS));
    this.#last = stretches.find(({ endMs }) => ms < endMs)!;
    return this.#last;
  }

  offsetAt(ms: number): number {
    return this.stretchAt(ms).offsetMs;
  }

  #chunk(index: number): OffsetStretch[] {
    const known = this.#chunks.get(index);
    if (known) return known;
    if (this.#chunks.size >= MAX_CHUNKS) this.#chunks.clear();
    const stretches = this.#probe(index * CHUNK_MS, (index + 1) * CHUNK_MS);
    this.#chunks.set(index, stretches);
    return stretches;
  }

  #probe(fromMs: number, toMs: number): OffsetStretch[] {
    const stretches: OffsetStretch[] = [];
    let startMs = fromMs;
    let offsetMs = this.#ask(fromMs);
    for (let probedMs = fromMs; probedMs < toMs; probedMs += PROBE_MS) {
      const nextMs = Math.min(probedMs + PROBE_MS, toMs);
      const nextOffsetMs = this.#ask(nextMs);
      if (nextOffsetMs === offsetMs) continue;
      const changeMs = this.#changeBetween(probedMs, nextMs, offsetMs);
      if (changeMs >= toMs) break;
      stretches.push({ startMs, endMs: changeMs, offsetMs });
      startMs = changeMs;
      offsetMs = nextOffsetMs;
    }
    stretches.push({ startMs, endMs: toMs, offsetMs });
    return stretches;
  }

  /** First whole minute in `(beforeMs, afterMs]` whose offset is another. Changes of offset fall on whole minutes. */
  #changeBetween(beforeMs: number, afterMs: number, offsetMs: number): number {
    let low = beforeMs;
    let high = afterMs;
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
      if (this.#ask(middle) === offsetMs) low = middle;
      else high = middle;
    }
    return high;
  }

  #ask(ms: number): number {
    return this.#zone.offset(ms) * MINUTE_MS;
  }
}

/** Whether the runtime's time zone database has it. Offsets such as `+02:00` are not zones: they know no daylight saving. */
export function isTimeZone(timeZone: string): boolean {
  return /^[A-Za-z]/.test(timeZone) && IANAZone.isValidZone(timeZone);
}
