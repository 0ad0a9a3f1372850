type Waiting<I, O> = { item: I; resolve: (result: O) => void; reject: (error: unknown) => void };

/**
 * Gathers single items into batches. Nothing lingers: the first item starts a batch at once, and what comes while a batch is
 * under way makes the next, so batches grow with the load. When a batch fails, each of its items is tried alone, so that one
 * bad item does not fail the others.
 */
export class Batcher<I, O> {
  readonly #run: (items: I[]) => Promise<O[]>;
  readonly #max: number;
  readonly #failsAlike: (error: unknown) => boolean;
  #waiting: Waiting<I, O>[] = [];
  #running = false;

  /**
   * @param options.run one result for each item, in order.
   * @param options.max items of a batch at most (default 200).
   * @param options.failsAlike errors that would meet every item alone as well, such as a lost database.
   */
  constructor(options: { run: (items: I[]) => Promise<O[]>; max?: number; failsAlike: (error: unknown) => boolean }) {
    this.#run = options.run;
    this.#max = options.max ?? 200;
    this.#failsAlike = options.failsAlike;
  }

  submit(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) {
        this.#running = true;
        setImmediate(() => void this.#work());
      }
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#max);
      // One batch after another is the point: the next one gathers meanwhile.
      await this.#settle(batch);
    }
    this.#running = false;
  }

  async #settle(batch: Waiting<I, O>[]): Promise<void> {
    try {
      const results = await this.#run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      if (batch.length === 1 || this.#failsAlike(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      for (const waiting of batch) await this.#settle([waiting]);
    }
  }
}
