import type { Clock, Logger } from "@cadenza/platform";
import type { EmailAccountDocument } from "@cadenza/sending";
import type { ShardLeases } from "@cadenza/storage";
import { AccountQueue } from "./account-queue.ts";
import type { QueueStore } from "./queue-store.ts";

/** Heads kept of an account; read again when half are gone. */
const HEADS = 200;
/** A held queue is looked at this often even without a wake-up, in case one was lost. */
const LOOK_AGAIN_MS = 5000;
/** An account that has sent nothing for this long is forgotten until it has something again. */
const FORGET_AFTER_MS = 10 * 60_000;

export type AccountQueuesOptions = {
  store: QueueStore;
  leases: ShardLeases;
  clock: Clock;
  log: Logger;
  /** The queue has something that may go out. */
  onReady: (queue: AccountQueue) => void;
  /** The account is paused, and there may be messages that do not say so. */
  onPaused: (account: EmailAccountDocument) => Promise<void>;
  /** The account's limits are others than before. */
  onLimits: (account: EmailAccountDocument) => Promise<void>;
  /** The account sends. `wasPaused`: it is known to have been paused; else it may have been, before this process knew it. */
  onConnected: (account: EmailAccountDocument, was: { wasPaused: boolean }) => Promise<void>;
};

/** The queues of the accounts in the shards that this process owns. Only accounts with something queued have one. */
export class AccountQueues {
  readonly #options: AccountQueuesOptions;
  readonly #queues = new Map<string, AccountQueue>();
  readonly #wanted = new Set<number>();
  /** Shards whose wake-up said that something changed. */
  readonly #woken = new Set<number>();
  readonly #reading = new Set<AccountQueue>();
  #looking = false;

  constructor(options: AccountQueuesOptions) {
    this.#options = options;
  }

  get(accountId: string): AccountQueue | undefined {
    return this.#queues.get(accountId);
  }

  all(): Iterable<AccountQueue> {
    return this.#queues.values();
  }

  get size(): number {
    return this.#queues.size;
  }

  /** By how much the oldest message that could go out is late. */
  ageSeconds(): number {
    const nowMs = this.#options.clock.now().getTime();
    const ages = [...this.#queues.values()].map(({ heads }) => (heads[0] ? nowMs - heads[0].dueAt.getTime() : 0));
    return Math.max(0, ...ages) / 1000;
  }

  /** Share of the tightest limit of any account that is used, 0 to 1. */
  limitUsed(): number {
    const nowMs = this.#options.clock.now().getTime();
    return Math.max(0, ...[...this.#queues.values()].map(({ ledger }) => ledger.used(nowMs)));
  }

  /** Lets go of what is no longer this process's, or was read under an earlier lease. */
  dropLost(): void {
    for (const [accountId, queue] of this.#queues) {
      if (this.#options.leases.epoch(queue.account.shard) !== queue.epoch) this.#queues.delete(accountId);
    }
  }

  /** Bounds memory by the accounts that are at work, not by those there are. */
  forgetIdle(): void {
    const nowMs = this.#options.clock.now().getTime();
    for (const [accountId, queue] of this.#queues) {
      const busy = queue.heads.length > 0 || queue.more || queue.inFlight.size > 0 || this.#reading.has(queue);
      if (!busy && nowMs > queue.idleUntilMs + FORGET_AFTER_MS) this.#queues.delete(accountId);
    }
  }

  /**
   * Looks for queued messages in these shards. Calls while a look is under way make one more.
   * @param options.woken something is known to have changed there.
   */
  async look(shards: Iterable<number>, options: { woken: boolean }): Promise<void> {
    for (const shard of shards) {
      this.#wanted.add(shard);
      if (options.woken) this.#woken.add(shard);
    }
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#wanted.size > 0) {
        const woken = new Set(this.#woken);
        const batch = [...this.#wanted].filter((shard) => this.#options.leases.owns(shard));
        this.#wanted.clear();
        this.#woken.clear();
        await this.#lookAt(batch, woken);
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, "Looking for queued messages failed; trying again.");
    } finally {
      this.#looking = false;
    }
  }

  /** Reads the account's heads again, from the first. */
  async refill(queue: AccountQueue): Promise<void> {
    if (this.#reading.has(queue)) return;
    this.#reading.add(queue);
    try {
      const { store, clock } = this.#options;
      const now = clock.now();
      // As many more as are under way: those may still read as queued.
      const { heads, more } = await store.heads(queue.account, now, HEADS + queue.inFlight.size);
      queue.heads = heads.filter(({ _id }) => !queue.inFlight.has(_id));
      queue.more = more;
      const heldUntilMs = (await store.heldUntil(queue.account, now))?.getTime() ?? Number.POSITIVE_INFINITY;
      queue.idleUntilMs = Math.min(heldUntilMs, now.getTime() + LOOK_AGAIN_MS);
    } catch (error) {
      queue.more = true;
      this.#options.log.warn({ err: error }, "Reading an account's queue failed; trying again.");
    } finally {
      this.#reading.delete(queue);
    }
    if (queue.heads.length > 0) this.#options.onReady(queue);
  }

  /** Reads on when the heads run low. */
  refillIfLow(queue: AccountQueue): void {
    if (queue.more && queue.heads.length < HEADS / 2) void this.refill(queue);
  }

  async #lookAt(shards: readonly number[], woken: ReadonlySet<number>): Promise<void> {
    const { store, clock } = this.#options;
    const accountIds = await store.accountsWithQueued(shards);
    const nowMs = clock.now().getTime();
    const unknown = accountIds.filter((id) => !this.#queues.has(id));
    const changed = [...this.#queues.values()]
      .filter(
        ({ account }) => woken.has(account.shard) || (account.status !== "CONNECTED" && shards.includes(account.shard)),
      )
      .map(({ account }) => account._id);
    await this.#load([...unknown, ...changed]);
    const queues = accountIds.map((id) => this.#queues.get(id)).filter((queue) => queue !== undefined);
    const paused = queues.filter(({ account }) => account.status === "PAUSED");
    const unmarked = paused.filter(({ account }) => woken.has(account.shard) || unknown.includes(account._id));
    await Promise.all(unmarked.map(({ account }) => this.#options.onPaused(account)));
    const stirred = queues
      .filter(({ account }) => account.status !== "PAUSED")
      .filter(({ account, idleUntilMs }) => woken.has(account.shard) || nowMs >= idleUntilMs);
    const low = stirred.filter(({ heads }) => heads.length < HEADS / 2);
    for (const queue of stirred) queue.more = true;
    await Promise.all(low.map((queue) => this.refill(queue)));
  }

  /** Reads accounts, and the ledgers of those that have none yet or whose limits reach further back. */
  async #load(accountIds: readonly string[]): Promise<void> {
    const { store, leases, clock } = this.#options;
    const accounts = await store.accounts([...new Set(accountIds)]);
    await Promise.all(
      accounts.map(async (account) => {
        const known = this.#queues.get(account._id);
        const epoch = leases.epoch(account.shard);
        if (epoch === null) return;
        if (known && !sameLimits(known.account, account)) await this.#options.onLimits(account);
        if (account.status === "CONNECTED" && known?.account.status !== "CONNECTED")
          await this.#options.onConnected(account, { wasPaused: known?.account.status === "PAUSED" });
        if (known?.epoch === epoch && known.ledger.setLimits(account.limits)) {
          known.account = account;
          return;
        }
        const ledger = await store.ledger(account, clock.now());
        if (known?.epoch === epoch) {
          // What was decided while the ledger was read is in it or under way.
          for (const id of known.inFlight) ledger.reserve(id);
          known.ledger = ledger;
          known.account = account;
        } else {
          this.#queues.set(account._id, new AccountQueue(account, ledger, epoch));
        }
      }),
    );
  }
}

function sameLimits({ limits: a }: EmailAccountDocument, { limits: b }: EmailAccountDocument): boolean {
  return a.perHour === b.perHour && a.per24Hours === b.per24Hours && a.minimumGapSeconds === b.minimumGapSeconds;
}
