import type { Reason } from "@cadenza/contracts";
import type { BulkJob, CountedReason } from "./bulk-job.ts";

export type Counts = Pick<BulkJob, "processed" | "succeeded" | "skipped" | "failed">;

/** Reasons have few texts; a job's document stays small whatever happens. */
const MAX_REASONS = 50;

/** What became of a part of a job. */
export class Tally {
  readonly counts: Counts = { processed: 0, succeeded: 0, skipped: 0, failed: 0 };
  readonly reasons = new Map<string, CountedReason>();

  succeeded(count = 1): void {
    this.counts.processed += count;
    this.counts.succeeded += count;
  }

  skipped(reason: Reason, count = 1): void {
    this.#count("skipped", reason, count);
  }

  failed(reason: Reason, count = 1): void {
    this.#count("failed", reason, count);
  }

  /** Counts those of another one, too. */
  add({ counts, reasons }: { counts: Counts; reasons: Iterable<CountedReason> }): void {
    for (const name of ["processed", "succeeded", "skipped", "failed"] as const) this.counts[name] += counts[name];
    for (const { code, message, count } of reasons) this.#countReason({ code, message }, count);
  }

  copy(): Tally {
    const copy = new Tally();
    copy.add({ counts: this.counts, reasons: this.reasons.values() });
    return copy;
  }

  /** The job's reasons with these, the most frequent first. */
  addedTo(reasons: readonly CountedReason[]): CountedReason[] {
    const sum = new Map(reasons.map((reason) => [keyOf(reason), { ...reason }]));
    for (const [key, reason] of this.reasons) {
      const known = sum.get(key);
      if (known) known.count += reason.count;
      else sum.set(key, { ...reason });
    }
    return [...sum.values()].sort((a, b) => b.count - a.count).slice(0, MAX_REASONS);
  }

  #count(as: "skipped" | "failed", reason: Reason, count: number): void {
    if (count === 0) return;
    this.counts.processed += count;
    this.counts[as] += count;
    this.#countReason(reason, count);
  }

  #countReason({ code, message }: Reason, count: number): void {
    const known = this.reasons.get(keyOf({ code, message }));
    if (known) known.count += count;
    else this.reasons.set(keyOf({ code, message }), { code, message, count });
  }
}

function keyOf({ code, message }: Reason): string {
  return `${code}\u0000${message}`;
}
