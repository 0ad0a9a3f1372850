import {
  EMAIL_ACCOUNTS_COLLECTION,
  type EmailAccountDocument,
  type MessageDocument,
  MESSAGES_COLLECTION,
  type SuppressionDocument,
  suppressionOf,
  SUPPRESSIONS_COLLECTION,
} from "@cadenza/sending";
import type { Reason } from "@cadenza/contracts";
import type { Collection, Database, Session } from "@cadenza/storage";

/** What changes in a message; `version` and `updatedAt` come by themselves. */
export type MessageChange = Partial<Omit<MessageDocument, "_id" | "organizationId" | "version" | "updatedAt">>;
export type MessageWrite = { message: Pick<MessageDocument, "_id" | "organizationId" | "version">; set: MessageChange };
/** What a late writer is told apart by. */
export type MessageState = Pick<MessageDocument, "_id" | "status" | "version">;
type BounceMark = { message: MessageDocument; reason: Reason; at: Date };
type AccountPause = { account: EmailAccountDocument; reason: Reason; at: Date };

const ACROSS = "Batches of the dispatcher hold messages of several organizations; each write names its own.";

/** What the dispatcher's transactions read and write. */
export class SendingStore {
  readonly #messages: Collection<MessageDocument>;
  readonly #accounts: Collection<EmailAccountDocument>;
  readonly #suppressions: Collection<SuppressionDocument>;

  constructor(database: Database) {
    this.#messages = database.system(MESSAGES_COLLECTION, ACROSS);
    this.#accounts = database.system(EMAIL_ACCOUNTS_COLLECTION, ACROSS);
    this.#suppressions = database.system(SUPPRESSIONS_COLLECTION, ACROSS);
  }

  async messages(ids: readonly string[], session: Session): Promise<Map<string, MessageDocument>> {
    const found = await this.#messages.find({ _id: { $in: [...ids] } }, { session }).toArray();
    return new Map(found.map((message) => [message._id, message]));
  }

  async states(ids: readonly string[], session: Session): Promise<Map<string, MessageState>> {
    const projection = { status: 1, version: 1 };
    const found = await this.#messages.find({ _id: { $in: [...ids] } }, { session, projection }).toArray();
    return new Map(found.map((message) => [message._id, message]));
  }

  async accounts(ids: readonly string[], session: Session): Promise<Map<string, EmailAccountDocument>> {
    const found = await this.#accounts.find({ _id: { $in: [...ids] } }, { session }).toArray();
    return new Map(found.map((account) => [account._id, account]));
  }

  /** Suppressions of the messages' addresses, by `suppressionKey`. */
  async suppressions(
    messages: readonly MessageDocument[],
    session: Session,
  ): Promise<Map<string, SuppressionDocument>> {
    if (messages.length === 0) return new Map();
    const wanted = {
      organizationId: { $in: [...new Set(messages.map(({ organizationId }) => organizationId))] },
      channel: { $in: [...new Set(messages.map(({ channel }) => channel))] },
      address: { $in: [...new Set(messages.map(({ toKey }) => toKey))] },
    };
    const found = await this.#suppressions.find(wanted, { session }).toArray();
    return new Map(
      found.map((suppression) => [suppressionKey({ ...suppression, toKey: suppression.address }), suppression]),
    );
  }

  async write(writes: readonly MessageWrite[], at: Date, session: Session): Promise<void> {
    if (writes.length === 0) return;
    await this.#messages.bulkWrite(
      writes.map(({ message: { _id, organizationId, version }, set }) => ({
        updateOne: {
          filter: { _id, organizationId, version },
          update: { $set: { ...set, updatedAt: at }, $inc: { version: 1 } },
        },
      })),
      { ordered: false, session },
    );
  }

  /** Marks addresses as ones that bounce; where one is suppressed already, the first reason stays. */
  async suppress(marks: readonly BounceMark[], session: Session): Promise<void> {
    if (marks.length === 0) return;
    await this.#suppressions.bulkWrite(
      marks.map(({ message: { organizationId, channel, toKey: address }, reason, at }) => ({
        updateOne: {
          filter: { organizationId, channel, address },
          update: {
            $setOnInsert: suppressionOf({
              organizationId,
              channel,
              address,
              reason: { ...reason, code: "BOUNCED" },
              at,
            }),
          },
          upsert: true,
        },
      })),
      { session },
    );
  }

  /** Pauses accounts for a person to look at, unless they have changed since they were read. */
  async pause(pauses: readonly AccountPause[], session: Session): Promise<void> {
    if (pauses.length === 0) return;
    await this.#accounts.bulkWrite(
      pauses.map(({ account: { _id, organizationId, version }, reason, at }) => ({
        updateOne: {
          filter: { _id, organizationId, version, status: "CONNECTED" as const },
          update: { $set: { status: "PAUSED" as const, statusReason: reason, updatedAt: at }, $inc: { version: 1 } },
        },
      })),
      { session },
    );
  }
}

export function suppressionKey(message: Pick<MessageDocument, "organizationId" | "channel" | "toKey">): string {
  return `${message.organizationId}:${message.channel}:${message.toKey}`;
}
