import type { Committer } from "@cadenza/messaging";
import {
  type EmailAccountDocument,
  type MessageDocument,
  MESSAGES_COLLECTION,
  TOLD_HOLDS_INDEX,
} from "@cadenza/sending";
import type { Collection, Filter } from "@cadenza/storage";
import { ACCOUNT_PAUSED, queuedOf } from "./held-back.ts";
import { tellHold } from "./hold-notice.ts";
import type { SendingStore } from "./sending-store.ts";

/** Messages of one transaction. */
const PAGE = 200;
const SHOWN = { organizationId: 1, version: 1, status: 1, step: 1, reason: 1, toldHold: 1 } as const;
type Shown = Pick<MessageDocument, "_id" | keyof typeof SHOWN>;

/**
 * Tells runs of holds that were put on, or taken off, all messages of an account at once, page by page. What is told stands
 * on the message, so that whoever goes on after a crash tells the rest.
 */
export class HoldNotices {
  readonly #committer: Committer;
  readonly #store: SendingStore;
  readonly #messages: Collection<MessageDocument>;
  /** Accounts whose messages are being looked through; as it is by now where they are to be looked through again. */
  readonly #working = new Map<string, EmailAccountDocument | null>();

  constructor(options: { committer: Committer; store: SendingStore }) {
    this.#committer = options.committer;
    this.#store = options.store;
    this.#messages = options.committer.database.system(
      MESSAGES_COLLECTION,
      "An owner tells the runs of what its accounts have queued.",
    );
  }

  /** Looks through the account's messages, once at a time: a call meanwhile makes it look once more. */
  async tell(account: EmailAccountDocument, isStopped: () => boolean): Promise<void> {
    const { _id } = account;
    if (this.#working.has(_id)) {
      this.#working.set(_id, account);
      return;
    }
    try {
      let next: EmailAccountDocument | null | undefined = account;
      while (next && !isStopped()) {
        this.#working.set(_id, null);
        if (next.status === "PAUSED") await this.#each(pausedUntold(next), "queue", isStopped);
        await this.#each(toldButFree(next), TOLD_HOLDS_INDEX, isStopped);
        next = this.#working.get(_id);
      }
    } finally {
      this.#working.delete(_id);
    }
  }

  async #each(filter: Filter<MessageDocument>, hint: string, isStopped: () => boolean): Promise<void> {
    const found = this.#messages.find(filter, { projection: { _id: 1 }, hint, batchSize: PAGE });
    let page: string[] = [];
    for await (const { _id } of found) {
      if (page.push(_id) < PAGE) continue;
      await this.#tellPage(page);
      page = [];
      if (isStopped()) return;
    }
    await this.#tellPage(page);
  }

  async #tellPage(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#committer.commit(async (unit) => {
      const now = this.#committer.clock.now();
      const messages = await this.#messages
        .find<Shown>({ _id: { $in: [...ids] } }, { session: unit.session, projection: SHOWN })
        .toArray();
      const writes = messages.flatMap((message) => {
        if (message.status !== "QUEUED" || (message.reason && message.reason.code !== ACCOUNT_PAUSED.code)) return [];
        const set = tellHold(unit, message, message.reason && { reason: message.reason, until: null }, now);
        return "toldHold" in set ? [{ message, set }] : [];
      });
      await this.#store.write(writes, now, unit.session);
    });
  }
}

function pausedUntold(account: EmailAccountDocument): Filter<MessageDocument> {
  return {
    ...queuedOf(account),
    step: { $ne: null },
    "reason.code": ACCOUNT_PAUSED.code,
    "toldHold.code": { $ne: ACCOUNT_PAUSED.code },
  };
}

function toldButFree(account: EmailAccountDocument): Filter<MessageDocument> {
  return { ...queuedOf(account), "toldHold.code": { $type: "string" }, reason: null };
}
