import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "@cadenza/platform";

/**
 * Connects to NATS and stays connected: a lost server is waited for, for ever.
 * @param options.namespace prefix of every subject, stream and durable, so that several houses (or tests) share a server; "" by default.
 */
export async function connectBus(options: {
  url: string;
  name: string;
  log: Logger;
  namespace?: string;
}): Promise<Bus> {
  const connection = await connect({
    servers: options.url.split(","),
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    waitOnFirstConnect: true,
    pingInterval: 10_000,
    maxPingOut: 2,
  });
  return new Bus(
    connection,
    await jetstreamManager(connection, { checkAPI: false }),
    options.log,
    options.namespace ?? "",
  );
}

export type CoreSubscription = { stop(): void };

/** The connection to NATS: core subjects for notices and wake-ups, JetStream for commands and events. */
export class Bus {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly log: Logger;
  readonly namespace: string;
  readonly #onReconnect = new Set<() => void>();
  #connected = true;

  constructor(connection: NatsConnection, manager: JetStreamManager, log: Logger, namespace: string) {
    this.connection = connection;
    this.manager = manager;
    this.jetstream = jetstream(connection, { timeout: 5000 });
    this.log = log;
    this.namespace = namespace;
    void this.#watch();
  }

  /** A subject or a name as this house spells it. */
  named(name: string): string {
    return this.namespace + name;
  }

  isConnected(): boolean {
    return this.#connected && !this.connection.isClosed();
  }

  /** Fire and forget; lost while the server is away, so only for what an alarm makes good. */
  publishCore(subject: string, data: string | Uint8Array = ""): void {
    if (this.connection.isClosed()) return;
    this.connection.publish(this.named(subject), data);
  }

  /** `subject` may hold wildcards; `receive` gets the subject without the namespace. */
  subscribeCore(subject: string, receive: (text: string, subject: string) => void): CoreSubscription {
    const subscription = this.connection.subscribe(this.named(subject), {
      callback: (error, message) => {
        if (error) this.log.warn({ err: error, subject }, "A subscription reports an error.");
        else receive(message.string(), message.subject.slice(this.namespace.length));
      },
    });
    return { stop: () => subscription.unsubscribe() };
  }

  /** Called after each reconnect, when whatever was published in between may be lost. */
  onReconnect(listener: () => void): void {
    this.#onReconnect.add(listener);
  }

  /** Sends what is buffered, then closes. */
  async close(): Promise<void> {
    if (!this.connection.isClosed()) await (this.isConnected() ? this.connection.drain() : this.connection.close());
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect") {
        this.#connected = false;
        this.log.warn("The connection to NATS is lost; trying again.");
      } else if (status.type === "reconnect") {
        this.#connected = true;
        this.log.info("Connected to NATS again.");
        for (const listener of this.#onReconnect) listener();
      }
    }
  }
}
