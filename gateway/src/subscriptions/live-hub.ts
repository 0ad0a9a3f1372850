import { createHash } from "node:crypto";
import type { Bus, CoreSubscription } from "@cadenza/messaging";
import { isId } from "@cadenza/platform";
import { liveError } from "./live-error.ts";
import { LIVE_TIMING, LiveExecution, type LiveTiming, type Run } from "./live-execution.ts";
import type { LiveQuery } from "./derive-query.ts";
import type { Subscriber } from "./subscriber.ts";

/** NATS must have taken the subscription before the first query, or a change between the two is missed; without NATS the resync finds it. */
const LISTENING_TIMEOUT_MS = 1000;
/** After a reconnect every query runs again, spread over this time. */
const RECONNECT_SPREAD_MS = 3000;

/** All executions of one gateway: equal ones are shared, each listens to the notices of its object. */
export class LiveHub {
  readonly #bus: Bus;
  readonly #timing: LiveTiming;
  readonly #executions = new Map<string, { execution: LiveExecution; listening: Promise<void> }>();
  readonly #listeners = new Map<string, { executions: Set<LiveExecution>; subscription: CoreSubscription }>();

  constructor(bus: Bus, timing: Partial<LiveTiming> = {}) {
    this.#bus = bus;
    this.#timing = { ...LIVE_TIMING, ...timing };
    bus.onReconnect(() => {
      for (const { execution } of this.#executions.values()) execution.touch(RECONNECT_SPREAD_MS);
    });
  }

  /**
   * Joins the execution of this query, or starts it.
   * @param options.scope whose view it is: what two callers may see of one object can differ.
   * @throws a GraphQLError with NOT_FOUND where the id cannot be one.
   */
  async join(
    live: LiveQuery,
    options: { organizationId: string; scope: string; variables: unknown; run: Run },
  ): Promise<Subscriber> {
    if (!isId(live.id) || !isId(options.organizationId)) throw liveError("NOT_FOUND", "There is no such object.");
    const key = createHash("sha256")
      .update(JSON.stringify([live.query, options.variables, options.scope]))
      .digest("base64");
    const subject = `live.${live.field.entity}.${options.organizationId}.${live.id}`;
    const { execution, listening } = this.#executions.get(key) ?? this.#start(key, subject, options.run);
    await listening;
    // The others may have left meanwhile, and it with them.
    return execution.isEnded ? this.join(live, options) : execution.join();
  }

  #start(key: string, subject: string, run: Run): { execution: LiveExecution; listening: Promise<void> } {
    const execution = new LiveExecution({
      run,
      timing: this.#timing,
      onIdle: () => {
        this.#executions.delete(key);
        this.#stopListening(subject, execution);
      },
    });
    this.#listen(subject, execution);
    const started = { execution, listening: this.#listening() };
    this.#executions.set(key, started);
    return started;
  }

  #listen(subject: string, execution: LiveExecution): void {
    const known = this.#listeners.get(subject);
    if (known) {
      known.executions.add(execution);
      return;
    }
    const executions = new Set([execution]);
    const subscription = this.#bus.subscribeCore(subject, () => {
      for (const listening of executions) listening.touch();
    });
    this.#listeners.set(subject, { executions, subscription });
  }

  #stopListening(subject: string, execution: LiveExecution): void {
    const known = this.#listeners.get(subject);
    known?.executions.delete(execution);
    if (!known || known.executions.size > 0) return;
    known.subscription.stop();
    this.#listeners.delete(subject);
  }

  async #listening(): Promise<void> {
    if (!this.#bus.isConnected()) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LISTENING_TIMEOUT_MS);
    });
    await Promise.race([this.#bus.connection.flush(), late]).finally(() => clearTimeout(timer));
  }
}
