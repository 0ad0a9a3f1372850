import type { Collection, Database, IndexDefinition } from "@cadenza/storage";
import type { StreamName } from "./streams.ts";

/** An envelope that was told in a transaction, and where it went. */
export type OutboxEntry = {
  /** The envelope's id, and its `Nats-Msg-Id`. */
  _id: string;
  stream: StreamName;
  subject: string;
  /** The envelope as JSON text: what is published, every time. */
  body: string;
  createdAt: Date;
  /** Which life of the stream has it, and under which sequence; null until it is known to be there. */
  incarnation: string | null;
  sequence: number | null;
};

/** Kept this long, to make good what JetStream may lose. */
const KEEP_SECONDS = 48 * 3600;
/** Longer than any entry can be published again. */
const KEEP_HANDLED_SECONDS = 10 * 24 * 3600;

export const MESSAGING_INDEXES: IndexDefinition[] = [
  { collection: "outbox", key: { createdAt: 1 }, options: { name: "expiry", expireAfterSeconds: KEEP_SECONDS } },
  { collection: "outbox", key: { stream: 1, incarnation: 1, sequence: 1 }, options: { name: "marks" } },
  { collection: "handled", key: { at: 1 }, options: { name: "expiry", expireAfterSeconds: KEEP_HANDLED_SECONDS } },
];

export function outboxOf(database: Database): Collection<OutboxEntry> {
  return database.system<OutboxEntry>("outbox", "The relay publishes what all organizations told.");
}
