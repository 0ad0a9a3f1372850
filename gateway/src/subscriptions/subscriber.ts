import type { GraphQLError } from "graphql";
import type { LiveResult } from "./live-execution.ts";

/**
 * One subscriber's view of an execution: the newest state it has not been given. A slow one finds only the latest when it
 * comes back, so that its memory is one state whatever happens meanwhile.
 */
export class Subscriber implements AsyncGenerator<LiveResult, void, void> {
  readonly #fromRun: number;
  readonly #onDone = new Set<() => void>();
  #hasRead: (() => Promise<void>) | undefined;
  #hasGiven = false;
  #hasAny = false;
  #latest: LiveResult | undefined;
  #error: GraphQLError | undefined;
  #done = false;
  #wake: (() => void) | undefined;

  /** One that only ends. */
  static ended(error: GraphQLError): Subscriber {
    const subscriber = new Subscriber({ fromRun: 0 });
    subscriber.end(error);
    return subscriber;
  }

  /** @param options.fromRun number of the first run whose state it is given. */
  constructor(options: { fromRun: number }) {
    this.#fromRun = options.fromRun;
  }

  /** `listener` is called once, when nobody will ask for a state any more. */
  onDone(listener: () => void): void {
    this.#onDone.add(listener);
  }

  /** `hasRead` resolves once what was given is read: until then a newer state takes the place of the one that waits. */
  paceBy(hasRead: () => Promise<void>): void {
    this.#hasRead = hasRead;
  }

  /** @param isNews whether it differs from the state before; the first state is given in any case. */
  offer(run: number, result: LiveResult, isNews: boolean): void {
    if (run < this.#fromRun || (this.#hasAny && !isNews)) return;
    this.#hasAny = true;
    this.#latest = result;
    this.#wake?.();
  }

  end(error: GraphQLError): void {
    this.#error = error;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<LiveResult, void>> {
    if (this.#hasGiven && !this.#done) await this.#hasRead?.();
    while (!this.#done && this.#latest === undefined && !this.#error) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#done) return { done: true, value: undefined };
    const value = this.#latest;
    if (value !== undefined) {
      this.#latest = undefined;
      this.#hasGiven = true;
      return { done: false, value };
    }
    this.#finish();
    throw this.#error;
  }

  async return(): Promise<IteratorResult<LiveResult, void>> {
    this.#finish();
    return { done: true, value: undefined };
  }

  async throw(): Promise<IteratorResult<LiveResult, void>> {
    return this.return();
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#wake?.();
    for (const listener of this.#onDone) listener();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
