import { createHash } from "node:crypto";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { fromFormatted, liveError } from "./live-error.ts";
import { Subscriber } from "./subscriber.ts";

export type LiveResult = { data?: Record<string, unknown> | null; errors?: readonly GraphQLFormattedError[] };
/** One run of the query; `version` is the object's where the graph shows one. */
export type Run = () => Promise<{ result: LiveResult; root: unknown; version: number | null }>;

export type LiveTiming = {
  /** Shortest time between two runs: bursts collapse to the newest state (default 50 ms). */
  gapMs: number;
  /** After this without a notice the query runs anyway, give or take a fifth (default 60,000 ms). */
  resyncMs: number;
  /** After a failure the query runs again this much later (default 2,000 ms). */
  retryMs: number;
};
export const LIVE_TIMING: LiveTiming = { gapMs: 50, resyncMs: 60_000, retryMs: 2000 };

/**
 * One query that is kept current for everyone who asked for exactly it. At most one run is under way and one more wanted,
 * so that any number of notices costs a bounded number of runs, and states leave in the order of the runs that saw them.
 */
export class LiveExecution {
  readonly #run: Run;
  readonly #timing: LiveTiming;
  readonly #subscribers = new Set<Subscriber>();
  readonly #onIdle: () => void;
  #runs = 0;
  #running = false;
  #wanted = false;
  #startedAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;
  #shown: { hash: string; version: number } | undefined;
  #ended = false;

  /** @param options.onIdle called once nobody listens any more. */
  constructor(options: { run: Run; timing: LiveTiming; onIdle: () => void }) {
    this.#run = options.run;
    this.#timing = options.timing;
    this.#onIdle = options.onIdle;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** A new subscriber first gets the state that a run begun from here on sees. */
  join(): Subscriber {
    const subscriber = new Subscriber({ fromRun: this.#runs + 1 });
    subscriber.onDone(() => this.#leave(subscriber));
    this.#subscribers.add(subscriber);
    this.touch();
    return subscriber;
  }

  /** Something changed, or may have. @param spreadMs runs at some time within it, where many are touched at once. */
  touch(spreadMs = 0): void {
    if (this.#ended) return;
    if (this.#running) this.#wanted = true;
    else
      this.#schedule(
        Math.max(0, this.#startedAtMs + this.#timing.gapMs - performance.now()) + Math.random() * spreadMs,
      );
  }

  /** Ends it for all. */
  end(error: GraphQLError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const subscriber of this.#subscribers) subscriber.end(error);
    this.#subscribers.clear();
    this.#onIdle();
  }

  /** An earlier time replaces a later one. */
  #schedule(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (atMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => void this.#once(), delayMs);
  }

  async #once(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerAtMs = Infinity;
    this.#running = true;
    this.#wanted = false;
    this.#startedAtMs = performance.now();
    const run = ++this.#runs;
    let failed = false;
    try {
      const { result, root, version } = await this.#run();
      if (!this.#ended) failed = this.#show(run, result, root, version);
    } catch (error) {
      this.end(error instanceof GraphQLError ? error : liveError("INTERNAL", "Something went wrong on our side."));
    } finally {
      this.#running = false;
    }
    if (this.#ended) return;
    if (this.#wanted) this.touch();
    else this.#schedule((failed ? this.#timing.retryMs : this.#timing.resyncMs) * (0.8 + Math.random() * 0.4));
  }

  /** @returns whether the run failed for now and should be tried again. */
  #show(run: number, result: LiveResult, root: unknown, version: number | null): boolean {
    if (root === null || root === undefined) return this.#absent(result);
    // A run that saw less than was shown before: a state never goes back.
    if (version !== null && this.#shown && version < this.#shown.version) return false;
    // Ten thousand executions remember what they showed: its hash, not its text.
    const hash = createHash("sha1").update(JSON.stringify(result)).digest("base64");
    const isNews = hash !== this.#shown?.hash;
    this.#shown = { hash, version: version ?? 0 };
    for (const subscriber of this.#subscribers) subscriber.offer(run, result, isNews);
    return (result.errors ?? []).some(({ extensions }) => extensions?.["code"] === "SERVICE_UNAVAILABLE");
  }

  #absent({ errors }: LiveResult): boolean {
    const error = errors?.[0];
    const mayReturn = error?.extensions?.["code"] === "SERVICE_UNAVAILABLE" && this.#shown !== undefined;
    if (mayReturn) return true;
    this.end(error ? fromFormatted(error) : liveError("NOT_FOUND", "There is no such object."));
    return false;
  }

  #leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size > 0 || this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#onIdle();
  }
}
