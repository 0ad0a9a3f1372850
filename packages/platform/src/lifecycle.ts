import type { Logger } from "./logger.ts";

type Step = { name: string; run: () => Promise<void> | void };

/**
 * How a process ends (REL-5). On SIGTERM or SIGINT: drain steps, last registered first (stop taking work, finish or hand
 * back what is in hand), then close steps, last registered first (connections), then exit 0.
 */
export class Lifecycle {
  readonly #drains: Step[] = [];
  readonly #closes: Step[] = [];
  readonly #log: Logger;
  readonly #graceMs: number;
  #ending: Promise<void> | undefined;

  /** @param options.graceMs after this the process exits with 1, whatever is still open (default 8,000). */
  constructor(options: { log: Logger; graceMs?: number }) {
    this.#log = options.log;
    this.#graceMs = options.graceMs ?? 8000;
  }

  onDrain(name: string, run: () => Promise<void> | void): void {
    this.#drains.push({ name, run });
  }

  onClose(name: string, run: () => Promise<void> | void): void {
    this.#closes.push({ name, run });
  }

  listenForSignals(): void {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        this.#log.info({ signal }, "Draining.");
        const cut = setTimeout(() => {
          this.#log.error({ graceMs: this.#graceMs }, "Draining took too long; leaving.");
          process.exit(1);
        }, this.#graceMs);
        cut.unref();
        void this.end().then(() => process.exit(0));
      });
    }
  }

  /** Runs all steps once; a failing step is logged and does not keep the others from running. */
  end(): Promise<void> {
    this.#ending ??= (async () => {
      for (const steps of [this.#drains, this.#closes]) {
        for (const step of [...steps].reverse()) await this.#run(step);
      }
    })();
    return this.#ending;
  }

  async #run(step: Step): Promise<void> {
    try {
      await step.run();
    } catch (error) {
      this.#log.error({ err: error, step: step.name }, "A step of shutting down failed.");
    }
  }
}
