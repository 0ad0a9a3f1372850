import type { Committer } from "@cadenza/messaging";
import type { Logger } from "@cadenza/platform";
import type { ShardLeases } from "@cadenza/storage";
import type { AccountQueues } from "../queue/account-queues.ts";
import type { Head, OpenSend, QueueStore } from "../queue/queue-store.ts";
import type { SendingStore } from "./sending-store.ts";
import { putBackUnstarted } from "./put-back.ts";
import { markUnknown } from "./unknown-outcomes.ts";

const BATCH = 200;

export type OpenSendsOptions = {
  committer: Committer;
  store: SendingStore;
  queueStore: QueueStore;
  leases: ShardLeases;
  log: Logger;
  unknownAfterMs: number;
  queues: AccountQueues;
  /** Whether this process is still busy with it. */
  isOwn: (messageId: string) => boolean;
  onUnknown: (count: number) => void;
};

/** Messages that are SENDING and have nobody who knows what became of them: left by a killed process, or unanswered. */
export class OpenSends {
  readonly #options: OpenSendsOptions;
  readonly #unstarted = new Map<string, { head: Head; epoch: number }>();
  #sweeping = false;

  constructor(options: OpenSendsOptions) {
    this.#options = options;
  }

  /** This process did not learn whether its claim was committed; it knows that it sent nothing. */
  neverStarted(head: Head, epoch: number): void {
    this.#unstarted.set(head._id, { head, epoch });
  }

  async sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      await this.#putBack();
      await this.#markOverdue();
      await this.#followReserved();
    } catch (error) {
      this.#options.log.warn({ err: error }, "Looking after open sends failed; trying again.");
    } finally {
      this.#sweeping = false;
    }
  }

  async #putBack(): Promise<void> {
    const claims = [...this.#unstarted.values()].slice(0, BATCH);
    if (claims.length === 0) return;
    const { committer, store, isOwn } = this.#options;
    await putBackUnstarted(
      { committer, store },
      claims.filter(({ head }) => !isOwn(head._id)),
    );
    for (const { head } of claims) this.#unstarted.delete(head._id);
  }

  async #markOverdue(): Promise<void> {
    const { committer, leases, queueStore, queues, unknownAfterMs, isOwn, onUnknown } = this.#options;
    const now = committer.clock.now();
    const before = new Date(now.getTime() - unknownAfterMs);
    const overdue = (await queueStore.overdue([...leases.owned()], before, BATCH)).filter(({ _id }) => !isOwn(_id));
    if (overdue.length === 0) return;
    const marked = await markUnknown(this.#options, overdue, before);
    for (const { _id, accountId } of marked) queues.get(accountId)?.ledger.settle(_id, now.getTime());
    if (marked.length > 0) onUnknown(marked.length);
  }

  /** Places in ledgers that are held by other processes' messages, or by ones that a person has resolved. */
  async #followReserved(): Promise<void> {
    const { queueStore, queues, isOwn } = this.#options;
    const reserved = [...queues.all()].flatMap(({ ledger }) => [...ledger.reservedIds()]).filter((id) => !isOwn(id));
    const found = new Map((await queueStore.openSends(reserved)).map((send) => [send._id, send]));
    for (const { ledger } of queues.all()) {
      for (const id of [...ledger.reservedIds()]) {
        const send = found.get(id);
        if (isOwn(id) || !send || send.status === "SENDING") continue;
        const countedAt = countedAtOf(send);
        if (countedAt) ledger.settle(id, countedAt.getTime());
        else ledger.release(id);
      }
    }
  }
}

/** When a message counts towards limits; null where no provider took it. */
function countedAtOf(send: OpenSend): Date | null {
  return send.sentAt ?? (send.status === "UNKNOWN_OUTCOME" ? send.updatedAt : null);
}
