import type { SendingLimits } from "@cadenza/sending";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Acceptances are known to the millisecond; one more keeps two of them apart whatever was cut off. */
const GRAIN_MS = 1;

/** How far back acceptances count. 0 where only the last one does. */
export function retentionMs(limits: SendingLimits): number {
  if (limits.per24Hours !== null) return DAY_MS;
  return limits.perHour !== null ? HOUR_MS : 0;
}

/**
 * What an account has sent and may still send (SND-1). A message counts from the moment the provider accepts it; until
 * then, from the decision to send it, it holds a reservation. Both together never exceed a limit in any rolling window.
 */
export class Ledger {
  #limits: SendingLimits;
  /** Acceptances in ascending order, as far back as the limits reach; the last one always stays. */
  #acceptedMs: number[];
  readonly #reserved: Set<string>;

  /**
   * @param options.acceptedMs acceptances of the last 24 hours, in any order.
   * @param options.reserved ids of messages whose outcome is open.
   */
  constructor(limits: SendingLimits, options: { acceptedMs?: Iterable<number>; reserved?: Iterable<string> } = {}) {
    this.#limits = limits;
    this.#acceptedMs = [...(options.acceptedMs ?? [])].toSorted((a, b) => a - b);
    this.#reserved = new Set(options.reserved);
  }

  get limits(): SendingLimits {
    return this.#limits;
  }

  /** False where the ledger does not reach back far enough for them: then a new one must be loaded. */
  setLimits(limits: SendingLimits): boolean {
    if (retentionMs(limits) > retentionMs(this.#limits)) return false;
    this.#limits = limits;
    return true;
  }

  reserve(id: string): void {
    this.#reserved.add(id);
  }

  /** The provider did not get it. */
  release(id: string): void {
    this.#reserved.delete(id);
  }

  /** The provider accepted it at `atMs`, or may have. */
  settle(id: string, atMs: number): void {
    this.#reserved.delete(id);
    let index = this.#acceptedMs.length;
    while (index > 0 && this.#acceptedMs[index - 1]! > atMs) index--;
    this.#acceptedMs.splice(index, 0, atMs);
    this.#forget(atMs);
  }

  reservedIds(): Iterable<string> {
    return this.#reserved;
  }

  /**
   * The earliest instant at which one more may go out, as things stand at `nowMs`; `nowMs` itself where it may at once.
   * Null where that depends on the outcome of what is in flight, or where nothing may ever go out.
   */
  roomAt(nowMs: number): number | null {
    const instants = [
      this.#gapEnds(nowMs),
      this.#windowOpens(nowMs, this.#limits.perHour, HOUR_MS),
      this.#windowOpens(nowMs, this.#limits.per24Hours, DAY_MS),
    ];
    return instants.includes(null) ? null : Math.max(...(instants as number[]));
  }

  get hasReserved(): boolean {
    return this.#reserved.size > 0;
  }

  /**
   * The earliest instants at which the next `count` messages may go out, if each goes as soon as it may. Null for those that
   * never may. Meaningful while nothing is reserved.
   */
  forecast(nowMs: number, count: number): (number | null)[] {
    const ahead = new Ledger(this.#limits, { acceptedMs: this.#acceptedMs });
    let atMs = nowMs;
    return Array.from({ length: count }, (_, index) => {
      const roomMs = ahead.roomAt(atMs);
      if (roomMs === null) return null;
      atMs = roomMs;
      ahead.settle(String(index), atMs);
      return atMs;
    });
  }

  /** Share of the tightest limit that is used at `nowMs`, from 0 to 1. */
  used(nowMs: number): number {
    const share = (limit: number | null, windowMs: number): number => {
      if (limit === null) return 0;
      const since = nowMs - windowMs;
      const count = this.#acceptedMs.length - this.#acceptedMs.findLastIndex((ms) => ms < since) - 1;
      return limit === 0 ? 1 : (count + this.#reserved.size) / limit;
    };
    return Math.max(share(this.#limits.perHour, HOUR_MS), share(this.#limits.per24Hours, DAY_MS));
  }

  #gapEnds(nowMs: number): number | null {
    const gapMs = this.#limits.minimumGapSeconds * 1000;
    if (gapMs <= 0) return nowMs;
    // The gap counts from an acceptance that is still to come.
    if (this.#reserved.size > 0) return null;
    const last = this.#acceptedMs.at(-1);
    return last === undefined ? nowMs : Math.max(nowMs, last + gapMs + GRAIN_MS);
  }

  #windowOpens(nowMs: number, limit: number | null, windowMs: number): number | null {
    if (limit === null) return nowMs;
    const places = limit - this.#reserved.size;
    if (places <= 0) return null;
    // With `places` left, all acceptances but the last `places - 1` must be out of the window.
    const mustBeOut = this.#acceptedMs[this.#acceptedMs.length - places];
    return mustBeOut === undefined ? nowMs : Math.max(nowMs, mustBeOut + windowMs + GRAIN_MS);
  }

  #forget(nowMs: number): void {
    const since = nowMs - retentionMs(this.#limits) - GRAIN_MS;
    const keepFrom = Math.min(
      this.#acceptedMs.findIndex((ms) => ms >= since),
      this.#acceptedMs.length - 1,
    );
    // Cut in lots: moving the whole array for each message would cost more than the memory is worth.
    if (keepFrom >= 1024 || (keepFrom > 0 && retentionMs(this.#limits) === 0)) this.#acceptedMs.splice(0, keepFrom);
  }
}
