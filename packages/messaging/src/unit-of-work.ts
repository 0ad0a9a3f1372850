import { type ItemOf, MESSAGES, type MessageKind } from "@cadenza/contracts";
import { type Clock, currentTraceparent, newId, realClock } from "@cadenza/platform";
import type { Session } from "@cadenza/storage";
import { encodeEnvelope, lotsOf, type OutboxMessage } from "./envelope.ts";
import type { OutboxEntry } from "./outbox.ts";
import { streamOf } from "./streams.ts";

/** What one transaction changes and whom it tells. Everything told is published after the commit, or not at all. */
export class UnitOfWork {
  readonly session: Session;
  readonly #clock: Clock;
  readonly #told = new Map<string, OutboxMessage>();
  readonly #notices = new Map<string, { subject: string; text: string }>();
  readonly #wakes = new Map<string, { subject: string; text: string }>();
  readonly #afterCommit: (() => void)[] = [];

  constructor(session: Session, clock: Clock) {
    this.session = session;
    this.#clock = clock;
  }

  /** Adds items to what goes over the bus. Items of one kind and organization travel together, 200 to an envelope. */
  tell<K extends MessageKind>(message: OutboxMessage<K>): void {
    const key = `${message.kind}:${message.organizationId}`;
    const known = this.#told.get(key);
    if (known) (known.items as ItemOf<K>[]).push(...message.items);
    else this.#told.set(key, { ...message, items: [...message.items] } as OutboxMessage);
  }

  /** A live notice after the commit: no data, no durability; the newest version of an entity is the one that counts. */
  notify(entity: string, organizationId: string, id: string, version: number): void {
    const subject = `live.${entity}.${organizationId}.${id}`;
    this.#notices.set(subject, { subject, text: JSON.stringify({ id, version }) });
  }

  /** A wake-up after the commit. Lost, it costs time only: whoever is woken also looks by itself. */
  wake(subject: string, text = ""): void {
    this.#wakes.set(`${subject} ${text}`, { subject, text });
  }

  /** Runs in this process once the transaction is committed; for caches and timers, never for effects. */
  afterCommit(run: () => void): void {
    this.#afterCommit.push(run);
  }

  /** What was told, as outbox entries. */
  entries(): OutboxEntry[] {
    const at = this.#clock.now();
    const createdAt = realClock.now();
    const traceparent = currentTraceparent() ?? null;
    return [...this.#told.values()].flatMap(({ kind, organizationId, items }) =>
      lotsOf(items).map((lot) => {
        const id = newId(createdAt);
        const body = encodeEnvelope({ id, organizationId, kind, at, traceparent }, lot);
        const { subject } = MESSAGES[kind];
        return { _id: id, stream: streamOf(subject), subject, body, createdAt, incarnation: null, sequence: null };
      }),
    );
  }

  notices(): { subject: string; text: string }[] {
    return [...this.#notices.values(), ...this.#wakes.values()];
  }

  committed(): void {
    for (const run of this.#afterCommit) run();
  }
}
