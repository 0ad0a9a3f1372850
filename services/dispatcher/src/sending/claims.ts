import type { Committer, UnitOfWork } from "@cadenza/messaging";
import type { EmailAccountDocument, MessageDocument } from "@cadenza/sending";
import type { ShardLeases } from "@cadenza/storage";
import type { Head } from "../queue/queue-store.ts";
import { type Admission, admit, NO_WINDOW } from "./admission.ts";
import { tellHold } from "./hold-notice.ts";
import { type MessageWrite, type SendingStore, suppressionKey } from "./sending-store.ts";
import { tellFate } from "./step-ended.ts";

export type Claim =
  /** It is SENDING, and this process is the one to send it. */
  | { kind: "granted"; message: MessageDocument; account: EmailAccountDocument }
  /** Canceled, sent or ended by someone else, or ended here. */
  | { kind: "gone" }
  | { kind: "held"; until: Date }
  | { kind: "accountPaused"; account: EmailAccountDocument }
  /** The shard has another owner. */
  | { kind: "fenced" };

/**
 * Takes messages from QUEUED to SENDING in one transaction, or finds that they must not go out now. Whoever loses the race,
 * to a cancellation or to another dispatcher, loses it here.
 */
export class Claims {
  readonly #committer: Committer;
  readonly #store: SendingStore;
  readonly #leases: ShardLeases;

  constructor(options: { committer: Committer; store: SendingStore; leases: ShardLeases }) {
    this.#committer = options.committer;
    this.#store = options.store;
    this.#leases = options.leases;
  }

  claim(heads: readonly Head[]): Promise<Claim[]> {
    return this.#committer.commit((unit) => this.#claim(heads, unit));
  }

  async #claim(heads: readonly Head[], unit: UnitOfWork): Promise<Claim[]> {
    const { session } = unit;
    const now = this.#committer.clock.now();
    const held = await this.#leases.verify(
      heads.map(({ shard }) => shard),
      session,
    );
    const messages = await this.#store.messages(
      heads.map(({ _id }) => _id),
      session,
    );
    const accounts = await this.#store.accounts([...new Set(heads.map(({ accountId }) => accountId))], session);
    const suppressions = await this.#store.suppressions([...messages.values()], session);
    const writes: MessageWrite[] = [];

    const claims = heads.map((head): Claim => {
      const epoch = this.#leases.epoch(head.shard);
      if (!held.has(head.shard) || epoch === null) return { kind: "fenced" };
      const message = messages.get(head._id);
      if (message?.status !== "QUEUED") return { kind: "gone" };
      const account = accounts.get(message.accountId) ?? null;
      const suppression = suppressions.get(suppressionKey(message)) ?? null;
      const admission = admit(message, { account, suppression }, now);
      const change = changeFor(admission, message, now, epoch);
      const set = change && { ...change, ...noticeOf(admission, message, unit, now) };
      if (set) writes.push({ message, set });
      switch (admission.kind) {
        case "send":
          tellFate(unit, message, null, now);
          return { kind: "granted", message: { ...message, ...set, version: message.version + 1 }, account: account! };
        case "hold":
          tellFate(unit, message, null, now);
          return { kind: "held", until: admission.until };
        case "wait":
          return { kind: "held", until: admission.until };
        case "accountPaused":
          return { kind: "accountPaused", account: account! };
        case "end":
          tellFate(unit, message, admission, now);
          return { kind: "gone" };
      }
    });
    await this.#store.write(writes, now, session);
    return claims;
  }
}

/** A window that is not known to open at all names no time. */
function noticeOf(admission: Admission, message: MessageDocument, unit: UnitOfWork, now: Date): MessageWrite["set"] {
  if (admission.kind !== "hold") return {};
  const { reason, until } = admission;
  return tellHold(unit, message, { reason, until: reason.code === NO_WINDOW ? null : until }, now);
}

function changeFor(
  admission: Admission,
  message: MessageDocument,
  now: Date,
  sendingEpoch: number,
): MessageWrite["set"] | null {
  switch (admission.kind) {
    case "send":
      return {
        status: "SENDING",
        reason: null,
        attempts: message.attempts + 1,
        sendingSince: now,
        sendingEpoch,
        notBefore: null,
        nextAttemptAt: null,
      };
    case "hold":
      return { notBefore: admission.until, reason: admission.reason };
    case "end":
      return { status: admission.status, reason: admission.reason, notBefore: null, nextAttemptAt: null };
    case "wait":
    case "accountPaused":
      return null;
  }
}
