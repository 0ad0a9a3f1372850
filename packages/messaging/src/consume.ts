import type { JsMsg } from "@nats-io/jetstream";
import type { MessageKind } from "@cadenza/contracts";
import { messageOf, traced } from "@cadenza/platform";
import { isDatabaseOutage, isDuplicateKey } from "@cadenza/storage";
import type { Committer } from "./committer.ts";
import { ConsumerLoop } from "./consumer-loop.ts";
import { DeadLetters } from "./dead-letters.ts";
import { decodeEnvelope, type Envelope, MAX_ITEMS } from "./envelope.ts";
import { HandledKeys } from "./handled.ts";
import { isHandedBack, isTriedAgain } from "./patience.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** How often the server is told of envelopes in hand, those that wait their turn too, well within its patience. */
const WORKING_EVERY_MS = 2000;

export type ConsumeOptions<K extends MessageKind> = {
  committer: Committer;
  /** Name of the durable consumer: one per service and subject family. */
  durable: string;
  /** All of one stream: commands or events, not both. */
  kinds: readonly K[];
  /** Batches handled at the same time in this process (default 2). */
  concurrency?: number;
  /** Copies of the streams (default 1). */
  replicas?: number;
  /** Gets up to 200 items in whole envelopes and one transaction; what it changes is committed with the envelopes' `handled` keys. */
  handle: (envelopes: Envelope<K>[], unit: UnitOfWork) => Promise<void>;
  /** What else to do, in the same transaction, when an item is given up after the last try. */
  onDeadLetter?: (envelope: Envelope<K>, unit: UnitOfWork) => Promise<void>;
};

type Delivery<K extends MessageKind> = { message: JsMsg; envelope: Envelope<K> };

export type Consumer = { stop(): Promise<void> };

/** Consumes envelopes so that each has its effect once: the effect and the note that it happened are one transaction. */
export async function consume<K extends MessageKind>(options: ConsumeOptions<K>): Promise<Consumer> {
  const worker = new ConsumerWorker(options);
  await worker.start();
  return worker;
}

class ConsumerWorker<K extends MessageKind> implements Consumer {
  readonly #options: ConsumeOptions<K>;
  readonly #loop: ConsumerLoop;
  readonly #handled: HandledKeys;
  readonly #deadLetters: DeadLetters;
  readonly #waiting: Delivery<K>[] = [];
  readonly #inHand = new Set<Delivery<K>>();
  readonly #busy = new Set<Promise<void>>();
  readonly #concurrency: number;
  #working: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ConsumeOptions<K>) {
    this.#options = options;
    this.#concurrency = options.concurrency ?? 2;
    this.#handled = new HandledKeys(options.committer.database, options.durable);
    this.#deadLetters = new DeadLetters(options.committer);
    this.#loop = new ConsumerLoop({
      bus: options.committer.bus,
      durable: options.durable,
      kinds: options.kinds,
      replicas: options.replicas ?? 1,
      maxAckPending: this.#concurrency * 16,
      receive: (message) => this.#receive(message),
    });
  }

  start(): Promise<void> {
    this.#working = setInterval(() => this.#sayWorking(), WORKING_EVERY_MS);
    return this.#loop.start();
  }

  /** Takes no more, hands back what waits, finishes what is in hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { message } of this.#waiting.splice(0)) message.nak(50);
    await this.#loop.stop();
    await Promise.all(this.#busy);
    clearInterval(this.#working);
  }

  #sayWorking(): void {
    if (!this.#options.committer.bus.isConnected()) return;
    for (const { message } of [...this.#waiting, ...this.#inHand]) message.working();
  }

  #receive(message: JsMsg): void {
    if (this.#stopped) return message.nak(50);
    try {
      this.#waiting.push({ message, envelope: decodeEnvelope(message.string()) as Envelope<K> });
    } catch (error) {
      // No later version of this process will understand it better than a person can.
      this.#track(
        this.#deadLetters.storeRaw(this.#options.durable, message.string(), messageOf(error)).then(
          () => message.ack(),
          () => message.nak(5000),
        ),
      );
      return;
    }
    this.#next();
  }

  #next(): void {
    while (this.#busy.size < this.#concurrency && this.#waiting.length > 0) {
      const batch: Delivery<K>[] = [];
      let items = 0;
      while (this.#waiting[0] && (batch.length === 0 || items + this.#waiting[0].envelope.items.length <= MAX_ITEMS)) {
        const delivery = this.#waiting.shift()!;
        batch.push(delivery);
        items += delivery.envelope.items.length;
      }
      this.#track(this.#process(batch));
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#busy.delete(tracked);
      this.#next();
    });
    this.#busy.add(tracked);
  }

  async #process(batch: Delivery<K>[]): Promise<void> {
    for (const delivery of batch) this.#inHand.add(delivery);
    try {
      await this.#handleTogether(batch.map(({ envelope }) => envelope));
      for (const { message } of batch) message.ack();
    } catch (error) {
      if (isDatabaseOutage(error)) this.#handBack(batch, error);
      else if (batch.length > 1) for (const delivery of batch) await this.#processAlone(delivery, error);
      else await this.#processAlone(batch[0]!, error);
    } finally {
      for (const delivery of batch) this.#inHand.delete(delivery);
    }
  }

  async #handleTogether(envelopes: Envelope<K>[]): Promise<void> {
    const { committer, durable, handle } = this.#options;
    await traced(`consume ${durable}`, { traceparent: envelopes[0]?.traceparent ?? undefined }, () =>
      this.#committedOnce(async (unit) => {
        const fresh = await this.#handled.claim(envelopes, unit.session);
        if (fresh.length > 0) await handle(fresh, unit);
      }),
    );
    committer.log.trace({ durable, envelopes: envelopes.length }, "Handled.");
  }

  /** Another replica may note the same envelope in the same moment: the one that lost looks again, and finds it handled. */
  async #committedOnce(work: (unit: UnitOfWork) => Promise<void>): Promise<void> {
    try {
      await this.#options.committer.commit(work);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.#options.committer.commit(work);
    }
  }

  /** One bad item never fails the others: each is tried for itself, the good ones are committed. */
  async #processAlone({ message, envelope }: Delivery<K>, cause: unknown): Promise<void> {
    const { committer, durable } = this.#options;
    const failed: { envelope: Envelope<K>; error: unknown }[] = [];
    try {
      await this.#handled.noteSplit(envelope);
    } catch (error) {
      return this.#handBack([{ message, envelope }], error);
    }
    for (const [index, item] of envelope.items.entries()) {
      const part = { ...envelope, id: `${envelope.id}:${index}`, items: [item] };
      try {
        await this.#handleTogether([part]);
      } catch (error) {
        if (isDatabaseOutage(error) || isHandedBack(message.info.deliveryCount, error)) {
          return this.#handBack([{ message, envelope }], error);
        }
        failed.push({ envelope: part, error });
      }
    }
    const errors = failed.map(({ error }) => error);
    if (failed.length > 0 && isTriedAgain(message.info.deliveryCount, errors)) {
      committer.log.warn(
        {
          durable,
          envelopeId: envelope.id,
          err: failed[0]!.error,
          failed: failed.length,
          delivery: message.info.deliveryCount,
        },
        "Items failed; they are tried again.",
      );
      return message.nak(backoffMs(message.info.deliveryCount));
    }
    try {
      for (const { envelope: part, error } of failed) await this.#giveUp(part, error);
      await committer.commit((unit) => this.#handled.note([envelope], unit.session));
      message.ack();
    } catch (error) {
      committer.log.error(
        { durable, envelopeId: envelope.id, err: error, cause: messageOf(cause) },
        "An envelope could not be put aside; it is tried again.",
      );
      message.nak(backoffMs(message.info.deliveryCount));
    }
  }

  async #giveUp(part: Envelope<K>, error: unknown): Promise<void> {
    const { committer, durable, onDeadLetter } = this.#options;
    committer.log.error({ durable, envelopeId: part.id, err: error }, "An item is given up; it stands in deadLetters.");
    await committer.commit(async (unit) => {
      await this.#deadLetters.store(durable, part, messageOf(error), unit);
      await this.#handled.note([part], unit.session);
      await onDeadLetter?.(part, unit);
    });
  }

  #handBack(batch: Delivery<K>[], error: unknown): void {
    this.#options.committer.log.warn(
      { durable: this.#options.durable, reason: messageOf(error) },
      "The database or another service is away; envelopes are handed back.",
    );
    for (const { message } of batch) message.nak(Math.min(5000, backoffMs(message.info.deliveryCount)));
  }
}

/** 0.2 s, 0.4 s … 10 s, with jitter. */
function backoffMs(delivery: number): number {
  return Math.round(Math.min(10_000, 100 * 2 ** delivery) * (0.5 + Math.random() / 2));
}
