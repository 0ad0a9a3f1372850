import {
  EMAIL_ACCOUNTS_COLLECTION,
  type EmailAccountDocument,
  type MessageDocument,
  MESSAGES_COLLECTION,
} from "@cadenza/sending";
import type { Collection, Database } from "@cadenza/storage";
import { Ledger, retentionMs } from "../limits/ledger.ts";

/** What the queue keeps of a message: enough to know whose turn it is. */
export type Head = Pick<MessageDocument, "_id" | "organizationId" | "accountId" | "shard" | "dueAt">;
/** What is known of a message whose outcome is open. */
export type OpenSend = Pick<
  MessageDocument,
  "_id" | "organizationId" | "accountId" | "status" | "sentAt" | "updatedAt"
>;

const HEAD = { organizationId: 1, accountId: 1, shard: 1, dueAt: 1 } as const;
const OPEN = { organizationId: 1, accountId: 1, status: 1, sentAt: 1, updatedAt: 1 } as const;
const DAY_MS = 86_400_000;

/** What the dispatcher reads of its shards. Every query is a range of an index, so none depends on how much is queued. */
export class QueueStore {
  readonly #messages: Collection<MessageDocument>;
  readonly #accounts: Collection<EmailAccountDocument>;

  constructor(database: Database) {
    this.#messages = database.system(
      MESSAGES_COLLECTION,
      "A dispatcher serves the accounts of its shards, of all organizations.",
    );
    this.#accounts = database.system(
      EMAIL_ACCOUNTS_COLLECTION,
      "A dispatcher serves the accounts of its shards, of all organizations.",
    );
  }

  /** Accounts that have anything queued, held or not. */
  async accountsWithQueued(shards: readonly number[]): Promise<string[]> {
    if (shards.length === 0) return [];
    return this.#messages.distinct("accountId", { shard: { $in: [...shards] }, status: "QUEUED" });
  }

  async accounts(ids: readonly string[]): Promise<EmailAccountDocument[]> {
    if (ids.length === 0) return [];
    return this.#accounts.find({ _id: { $in: [...ids] } }).toArray();
  }

  /** The first `limit` messages that may go out at `now`, in due order. `more`: there may be others behind them. */
  async heads(account: EmailAccountDocument, now: Date, limit: number): Promise<{ heads: Head[]; more: boolean }> {
    const queued = { shard: account.shard, status: "QUEUED", accountId: account._id } as const;
    const [fresh, released] = await Promise.all([
      this.#messages
        .find({ ...queued, notBefore: null }, { projection: HEAD, sort: { dueAt: 1, _id: 1 }, limit })
        .toArray(),
      this.#messages
        .find(
          { ...queued, notBefore: { $lte: now } },
          { projection: HEAD, sort: { notBefore: 1, dueAt: 1, _id: 1 }, limit },
        )
        .toArray(),
    ]);
    const heads = [...fresh, ...released].toSorted(inDueOrder);
    return { heads, more: fresh.length === limit || released.length === limit };
  }

  /** When the first of the account's held messages is let go; null where none is held. */
  async heldUntil(account: EmailAccountDocument, now: Date): Promise<Date | null> {
    const next = await this.#messages.findOne(
      { shard: account.shard, status: "QUEUED", accountId: account._id, notBefore: { $gt: now } },
      { projection: { _id: 0, notBefore: 1 }, sort: { notBefore: 1 } },
    );
    return next?.notBefore ?? null;
  }

  /** What the account has sent, and what it may have sent: open and unknown outcomes count as well. */
  async ledger(account: EmailAccountDocument, now: Date): Promise<Ledger> {
    const { limits, organizationId, _id: accountId, shard } = account;
    const since = new Date(now.getTime() - DAY_MS);
    const ofAccount = { organizationId, accountId };
    const counts = retentionMs(limits) > 0;
    const [sent, open, unknown] = await Promise.all([
      counts || limits.minimumGapSeconds > 0
        ? this.#messages
            .find(
              { ...ofAccount, sentAt: { $gte: since } },
              { projection: { _id: 0, sentAt: 1 }, ...(counts ? {} : { sort: { sentAt: -1 }, limit: 1 }) },
            )
            .toArray()
        : [],
      this.#messages.find({ shard, status: "SENDING", accountId }, { projection: { _id: 1 } }).toArray(),
      this.#messages
        .find({ shard, status: "UNKNOWN_OUTCOME", accountId, updatedAt: { $gte: since } }, { projection: OPEN })
        .toArray(),
    ]);
    return new Ledger(limits, {
      acceptedMs: [
        ...sent.map(({ sentAt }) => sentAt!.getTime()),
        ...unknown.map(({ updatedAt }) => updatedAt.getTime()),
      ],
      reserved: open.map(({ _id }) => _id),
    });
  }

  /** Messages that have been SENDING since before `before`. */
  async overdue(shards: readonly number[], before: Date, limit: number): Promise<Head[]> {
    if (shards.length === 0) return [];
    return this.#messages
      .find(
        { shard: { $in: [...shards] }, status: "SENDING", sendingSince: { $lte: before } },
        { projection: HEAD, limit },
      )
      .toArray();
  }

  async openSends(ids: readonly string[]): Promise<OpenSend[]> {
    if (ids.length === 0) return [];
    return this.#messages.find({ _id: { $in: [...ids] } }, { projection: OPEN }).toArray();
  }
}

function inDueOrder(a: Head, b: Head): number {
  return a.dueAt.getTime() - b.dueAt.getTime() || (a._id < b._id ? -1 : 1);
}
