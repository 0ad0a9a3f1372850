import type { Committer } from "@cadenza/messaging";
import {
  type EmailAccountDocument,
  type MessageDocument,
  MESSAGES_COLLECTION,
  TOLD_HOLDS_INDEX,
} from "@cadenza/sending";
import type { Collection } from "@cadenza/storage";
import type { Head } from "../queue/queue-store.ts";
import { type Hold, tellHold } from "./hold-notice.ts";
import type { SendingStore } from "./sending-store.ts";
import { tellFate } from "./step-ended.ts";

const SENDING_LIMIT = {
  code: "SENDING_LIMIT",
  message:
    "The account's sending limit is used up; it goes out when there is room again. Raise the limit to send sooner.",
};
export const ACCOUNT_PAUSED = {
  code: "ACCOUNT_PAUSED",
  message: "The email account is paused; it goes out when somebody resumes the account.",
};

/** Says on queued messages, and to their runs, what keeps them back, so that a person can see it. */
export class HeldBack {
  readonly #committer: Committer;
  readonly #store: SendingStore;
  readonly #messages: Collection<MessageDocument>;

  constructor(options: { committer: Committer; store: SendingStore }) {
    this.#committer = options.committer;
    this.#store = options.store;
    this.#messages = options.committer.database.system(
      MESSAGES_COLLECTION,
      "An owner marks what its accounts have queued.",
    );
  }

  /** Holds messages until their account's limits have room for them. */
  async byLimit(held: readonly { head: Head; until: Date }[]): Promise<void> {
    await this.#committer.commit(async (unit) => {
      const now = this.#committer.clock.now();
      const messages = await this.#store.messages(
        held.map(({ head }) => head._id),
        unit.session,
      );
      const queued = held
        .map(({ head, until }) => ({ message: messages.get(head._id), until }))
        .filter((entry): entry is { message: MessageDocument; until: Date } => entry.message?.status === "QUEUED");
      const writes = queued.map(({ message, until }) => {
        const hold: Hold = { reason: SENDING_LIMIT, until };
        return { message, set: { notBefore: until, reason: SENDING_LIMIT, ...tellHold(unit, message, hold, now) } };
      });
      await this.#store.write(writes, now, unit.session);
      for (const { message } of queued) tellFate(unit, message, null, now);
    });
  }

  /** The account's limits have changed: what they held is looked at again. */
  async byOtherLimits(account: EmailAccountDocument): Promise<void> {
    const now = this.#committer.clock.now();
    await this.#messages.updateMany(
      { ...queuedOf(account), notBefore: { $gt: now }, "reason.code": SENDING_LIMIT.code },
      { $set: { notBefore: null, reason: null, updatedAt: now }, $inc: { version: 1 } },
    );
  }

  async byPause(account: EmailAccountDocument): Promise<void> {
    await this.#messages.updateMany(
      { ...queuedOf(account), "reason.code": { $ne: ACCOUNT_PAUSED.code } },
      { $set: { reason: ACCOUNT_PAUSED, updatedAt: this.#committer.clock.now() }, $inc: { version: 1 } },
    );
  }

  /**
   * The account sends again: its messages are held anew by whatever else holds them.
   * @param told only those whose runs know of a hold, which are found quickly; for an account that may not have been paused.
   */
  async byResumption(account: EmailAccountDocument, { told }: { told: boolean }): Promise<void> {
    const updatedAt = this.#committer.clock.now();
    await this.#messages.updateMany(
      {
        ...queuedOf(account),
        "reason.code": ACCOUNT_PAUSED.code,
        ...(told ? { "toldHold.code": { $type: "string" as const } } : {}),
      },
      [{ $set: { reason: null, notBefore: "$nextAttemptAt", updatedAt, version: { $add: ["$version", 1] } } }],
      told ? { hint: TOLD_HOLDS_INDEX } : {},
    );
  }
}

export function queuedOf({ shard, _id, organizationId }: EmailAccountDocument) {
  return { shard, status: "QUEUED", accountId: _id, organizationId } as const;
}
