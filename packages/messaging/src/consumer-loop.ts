import { setTimeout as wait } from "node:timers/promises";
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JsMsg,
} from "@nats-io/jetstream";
import { MESSAGES, type MessageKind } from "@cadenza/contracts";
import { messageOf } from "@cadenza/platform";
import type { Bus } from "./bus.ts";
import { ensureStreams, streamOf } from "./streams.ts";

/** How long a killed replica's envelopes lie idle; whoever has some in hand says so more often (`WORKING_EVERY_MS`). */
const ACK_WAIT_NS = 8 * 1e9;
const RESTART_MS = 500;
/** Of the server: there is one of this name, with another configuration. */
const CONSUMER_EXISTS = 10148;

export type ConsumerLoopOptions = {
  bus: Bus;
  durable: string;
  kinds: readonly MessageKind[];
  /** Copies of the streams, should they have to be made anew. */
  replicas: number;
  /** Envelopes that may be out unacknowledged. */
  maxAckPending: number;
  receive: (message: JsMsg) => void;
};

/** Pulls envelopes for one durable, for ever: a consumer or stream that vanished (a wiped server) is made anew. */
export class ConsumerLoop {
  readonly #options: ConsumerLoopOptions;
  #messages: ConsumerMessages | undefined;
  #stopped = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ConsumerLoopOptions) {
    this.#options = options;
  }

  /** Resolves once the consumer exists. */
  async start(): Promise<void> {
    await this.#open();
    this.#ended = this.#run();
  }

  /** Pulls no more; what was received is the caller's to finish. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#messages?.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#messages?.closed();
      if (this.#stopped) return;
      await wait(RESTART_MS);
      try {
        await this.#open();
      } catch (error) {
        this.#options.bus.log.warn(
          { durable: this.#options.durable, reason: messageOf(error) },
          "A consumer cannot be opened; trying again.",
        );
      }
    }
  }

  async #open(): Promise<void> {
    const { bus, durable, kinds, maxAckPending, replicas } = this.#options;
    const subjects = kinds.map((kind) => MESSAGES[kind].subject);
    const stream = bus.named(streamOf(subjects[0]!));
    await ensureStreams(bus, { replicas });
    await this.#ensure(stream, {
      durable_name: bus.named(durable),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      filter_subjects: subjects.map((subject) => bus.named(subject)),
      ack_wait: ACK_WAIT_NS,
      max_ack_pending: maxAckPending,
      max_deliver: -1,
    });
    const consumer = await bus.jetstream.consumers.get(stream, bus.named(durable));
    this.#messages = await consumer.consume({
      max_messages: maxAckPending,
      expires: 10_000,
      idle_heartbeat: 2000,
      abort_on_missing_resource: true,
      callback: (message) => this.#options.receive(message),
    });
    void this.#watch(this.#messages);
  }

  /** One that an earlier version made otherwise takes this configuration on. */
  async #ensure(stream: string, config: Partial<ConsumerConfig> & { durable_name: string }): Promise<void> {
    const { consumers } = this.#options.bus.manager;
    try {
      await consumers.add(stream, config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_EXISTS) throw error;
      await consumers.update(stream, config.durable_name, config);
    }
  }

  /** A consumer that went with its server says so only through missed heartbeats. */
  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const status of messages.status()) {
      const gone =
        status.type === "consumer_not_found" ||
        status.type === "stream_not_found" ||
        status.type === "consumer_deleted";
      if (gone || (status.type === "heartbeats_missed" && status.count >= 3)) await messages.close();
    }
  }
}
