import type { ImportFormat } from "./import-job.ts";

const [NEWLINE, CARRIAGE_RETURN, QUOTE] = [0x0a, 0x0d, 0x22];

/** Counts records while content passes by, so that progress has a goal: lines that are not empty, quoted breaks aside. */
export class RecordCounter {
  readonly #format: ImportFormat;
  #records = 0;
  #isQuoted = false;
  #isEmpty = true;

  constructor(format: ImportFormat) {
    this.#format = format;
  }

  push(data: Buffer): void {
    const readsQuotes = this.#format === "CSV";
    for (const byte of data) {
      if (byte === NEWLINE && !this.#isQuoted) this.#endLine();
      else if (byte === QUOTE && readsQuotes) {
        this.#isQuoted = !this.#isQuoted;
        this.#isEmpty = false;
      } else if (byte !== CARRIAGE_RETURN) this.#isEmpty = false;
    }
  }

  /** Rows in all; a CSV's header is none. */
  end(): number {
    this.#endLine();
    return this.#format === "CSV" ? Math.max(0, this.#records - 1) : this.#records;
  }

  #endLine(): void {
    if (!this.#isEmpty) this.#records++;
    this.#isEmpty = true;
  }
}
