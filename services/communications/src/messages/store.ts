import type { Reason } from "@cadenza/contracts";
import { type SubjectMoves, subjectUpdates } from "@cadenza/messaging";
import { type MessageDocument, MESSAGES_COLLECTION } from "@cadenza/sending";
import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

/** What lists and single reads are made of: without the raw bytes. */
export type Message = Omit<MessageDocument, "raw">;

export type MessageSearch = { filter: Filter<MessageDocument>; after: string | null; limit: number };

export type MessageChange = { message: Message; change: Partial<MessageDocument> };

const WITHOUT_RAW = { raw: 0 };

export class MessageStore {
  readonly #messages: TenantCollection<MessageDocument>;

  constructor(database: Database) {
    this.#messages = database.tenant(MESSAGES_COLLECTION);
  }

  async findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(Message | null)[]> {
    const found = await this.find(scope, { _id: { $in: [...new Set(ids)] } }, session);
    const byId = new Map(found.map((message) => [message._id, message]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  find(scope: OrganizationScope, filter: Filter<MessageDocument>, session?: Session): Promise<Message[]> {
    return this.#messages.find(scope, filter, { projection: WITHOUT_RAW }, session);
  }

  /** Newest first. */
  async search(scope: OrganizationScope, { filter, after, limit }: MessageSearch): Promise<Message[]> {
    const paged = (after ? { $and: [filter, { _id: { $lt: after } }] } : filter) as Filter<MessageDocument>;
    return this.#messages.find(scope, paged, { sort: { _id: -1 }, limit, projection: WITHOUT_RAW });
  }

  count(scope: OrganizationScope, filter: Filter<MessageDocument>): Promise<number> {
    return this.#messages.count(scope, filter);
  }

  async insertMany(scope: OrganizationScope, messages: readonly MessageDocument[], session: Session): Promise<void> {
    await this.#messages.insertMany(scope, messages, session);
  }

  /** Writes changes to messages that still have the version they were read with. @returns how many had. */
  async changeMany(scope: OrganizationScope, changes: readonly MessageChange[], session: Session): Promise<number> {
    const operations = changes.map(({ message: { _id, version }, change }) => ({
      updateOne: {
        filter: { _id, version } as Filter<MessageDocument>,
        update: { $set: { ...change, version: version + 1 } as Partial<MessageDocument> },
      },
    }));
    const { matched } = await this.#messages.bulkWrite(scope, operations, session);
    return matched;
  }

  /** Messages that are on their way are to be taken back, should they come back. Their version stays: see `withdrawn`. */
  async noteWithdrawn(
    scope: OrganizationScope,
    withdrawals: readonly { messageId: string; reason: Reason }[],
    session: Session,
  ): Promise<void> {
    const operations = withdrawals.map(({ messageId, reason }) => ({
      updateOne: {
        filter: { _id: messageId, status: "SENDING" } as Filter<MessageDocument>,
        update: { $set: { withdrawn: reason } as Partial<MessageDocument> },
      },
    }));
    await this.#messages.bulkWrite(scope, operations, session);
  }

  /**
   * What named a merged lead or contact names the one that stays. Nothing else of a message changes, its version least of
   * all: the dispatcher may have it in hand, and what was rendered goes to the address that it was rendered for.
   */
  async moveSubjects(scope: OrganizationScope, moves: SubjectMoves, session: Session): Promise<void> {
    const operations = subjectUpdates(moves).map(({ filter, set }) => ({
      updateMany: { filter, update: { $set: set } },
    }));
    await this.#messages.bulkWrite(scope, operations, session);
  }
}
