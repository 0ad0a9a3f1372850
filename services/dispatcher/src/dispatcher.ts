import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import type { Committer, CoreSubscription } from "@cadenza/messaging";
import { type Logger, type Metrics, OffsetClock } from "@cadenza/platform";
import { DISPATCHER_WAKE, shardsOfWake } from "@cadenza/sending";
import { isDatabaseOutage, type ShardLeases } from "@cadenza/storage";
import { createDispatcherMetrics, type DispatcherMetrics } from "./dispatcher-metrics.ts";
import type { Provider } from "./providers/provider.ts";
import type { AccountQueue } from "./queue/account-queue.ts";
import { AccountQueues } from "./queue/account-queues.ts";
import { type Head, QueueStore } from "./queue/queue-store.ts";
import { Turns } from "./queue/turns.ts";
import { AccountHolds } from "./sending/account-holds.ts";
import { Batcher } from "./sending/batcher.ts";
import { type Claim, Claims } from "./sending/claims.ts";
import { Delivery } from "./sending/delivery.ts";
import { HeldBack } from "./sending/held-back.ts";
import { HoldNotices } from "./sending/hold-notices.ts";
import { OpenSends } from "./sending/open-sends.ts";
import { Outcomes } from "./sending/outcomes.ts";
import { SendingStore } from "./sending/sending-store.ts";

export type DispatcherOptions = {
  committer: Committer;
  leases: ShardLeases;
  provider: Provider;
  log: Logger;
  metrics: Metrics;
  /** When an unknown outcome becomes UNKNOWN_OUTCOME, by the domain clock. */
  unknownAfterMs: number;
  /** Messages of one account under way at a time (default 5). */
  perAccount?: number;
  /** Messages under way in this process (default 200). */
  perProcess?: number;
  /** How often shards are looked at without a wake-up (default 1,000 ms). */
  lookEveryMs?: number;
};

/** A shorter wait for room is not worth a write for each message. */
const HOLD_FROM_MS = 2000;
/** A limit of 0 never has room; a person may change it. */
const NEVER_LOOK_MS = 3_600_000;
/** Of the time to drain, what is left for putting back what has not begun to leave. */
const HAND_BACK_MS = 500;

/**
 * Sends what is queued: takes turns between accounts, holds their limits, commits SENDING, hands over to the provider, and
 * commits the outcome. Works on the shards it holds leases for; everything it may lose with them is in the database.
 */
export class Dispatcher {
  readonly #options: Required<DispatcherOptions>;
  readonly #queues: AccountQueues;
  readonly #turns = new Turns<AccountQueue>();
  readonly #claims: Batcher<Head, Claim>;
  readonly #delivery: Delivery;
  readonly #openSends: OpenSends;
  readonly #heldBack: HeldBack;
  readonly #holds: AccountHolds;
  readonly #metrics: DispatcherMetrics;
  /** Between their turn and their committed outcome. */
  readonly #inFlight = new Set<string>();
  /** Looks and marks under way: a transaction must not be cut off in the middle, for its locks would outlive the process. */
  readonly #chores = new Set<Promise<void>>();
  #subscription: CoreSubscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #draining = false;

  constructor(options: DispatcherOptions) {
    this.#options = { perAccount: 5, perProcess: 200, lookEveryMs: 1000, ...options };
    const { committer, leases, log } = options;
    const store = new SendingStore(committer.database);
    const queueStore = new QueueStore(committer.database);
    const claims = new Claims({ committer, store, leases });
    this.#heldBack = new HeldBack({ committer, store });
    this.#holds = new AccountHolds({
      heldBack: this.#heldBack,
      notices: new HoldNotices({ committer, store }),
      log,
      isStopped: () => this.#draining,
      goOn: (work) => this.#chore(work),
    });
    this.#claims = new Batcher({ run: (heads) => claims.claim(heads), failsAlike: isDatabaseOutage });
    this.#queues = new AccountQueues({
      store: queueStore,
      leases,
      clock: committer.clock,
      log,
      onReady: (queue) => this.#ready(queue),
      onPaused: (account) => this.#holds.byPause(account),
      onLimits: (account) => this.#holds.byOtherLimits(account),
      onConnected: (account, { wasPaused }) => this.#holds.byResumption(account, { told: !wasPaused }),
    });
    this.#openSends = new OpenSends({
      committer,
      store,
      queueStore,
      leases,
      log,
      unknownAfterMs: options.unknownAfterMs,
      queues: this.#queues,
      isOwn: (id) => this.#inFlight.has(id),
      onUnknown: (count) => this.#metrics.unknown.inc(count),
    });
    this.#metrics = createDispatcherMetrics(options.metrics, {
      inFlight: () => this.#inFlight.size,
      queues: () => this.#queues.size,
      queueAgeSeconds: () => this.#queues.ageSeconds(),
      limitUsed: () => this.#queues.limitUsed(),
    });
    this.#delivery = new Delivery({
      provider: options.provider,
      leases,
      clock: committer.clock,
      outcomes: new Outcomes({ committer, store }),
      metrics: this.#metrics,
      log,
    });
  }

  /** Takes its shards and begins to send. `leases` must not be started yet. */
  async start(): Promise<void> {
    const { committer, leases, lookEveryMs } = this.#options;
    leases.onChange((owned) => {
      this.#queues.dropLost();
      this.#chore(this.#queues.look(owned, { woken: true }));
    });
    this.#subscription = committer.bus.subscribeCore(DISPATCHER_WAKE, (text) => {
      this.#chore(this.#queues.look(shardsOfWake(text), { woken: true }));
    });
    committer.bus.onReconnect(() => this.#chore(this.#queues.look(leases.owned(), { woken: true })));
    if (committer.clock instanceof OffsetClock) {
      this.#stopListening = committer.clock.onChange(() => this.#chore(this.#tick()));
    }
    this.#timer = setInterval(() => this.#chore(this.#tick()), lookEveryMs);
    await leases.start();
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Starts nothing more, waits for what is under way, and gives the shards back.
   * @param withinMs after this, what has not begun to leave is kept back, and the rest is left to the next owner.
   */
  async drain(withinMs: number): Promise<void> {
    this.#quiet();
    const deadlineMs = performance.now() + withinMs;
    while (this.#inFlight.size + this.#chores.size > 0 && performance.now() < deadlineMs) {
      if (performance.now() > deadlineMs - HAND_BACK_MS) this.#delivery.stop();
      await wait(10);
    }
    this.#delivery.stop();
    await this.#options.leases.drain();
    this.#options.provider.close();
  }

  /** Stops without a word and without an outcome, as a killed process does: for tests. */
  abandon(): void {
    this.#quiet();
    this.#delivery.abandon();
    this.#options.leases.abandon();
  }

  #quiet(): void {
    this.#draining = true;
    clearInterval(this.#timer);
    this.#subscription?.stop();
    this.#stopListening?.();
  }

  #chore(work: Promise<void>): void {
    this.#chores.add(work);
    void work.finally(() => this.#chores.delete(work));
  }

  async #tick(): Promise<void> {
    if (this.#draining) return;
    for (const queue of this.#queues.all()) this.#turns.offer(queue);
    this.#pump();
    await this.#queues.look(this.#options.leases.owned(), { woken: false });
    await this.#openSends.sweep();
    this.#queues.forgetIdle();
  }

  #ready(queue: AccountQueue): void {
    this.#turns.offer(queue);
    this.#pump();
  }

  /** Gives turns as long as there is room in this process. */
  #pump(): void {
    while (!this.#draining && this.#inFlight.size < this.#options.perProcess) {
      const queue = this.#turns.next((candidate) => this.#maySend(candidate));
      if (!queue) return;
      const head = queue.heads.shift()!;
      queue.inFlight.add(head._id);
      queue.ledger.reserve(head._id);
      this.#inFlight.add(head._id);
      this.#queues.refillIfLow(queue);
      void this.#deliver(queue, head);
    }
  }

  #maySend(queue: AccountQueue): boolean {
    if (this.#queues.get(queue.account._id) !== queue || !this.#options.leases.owns(queue.account.shard)) return false;
    if (queue.heads.length === 0) {
      this.#queues.refillIfLow(queue);
      return false;
    }
    const busy = queue.marking || queue.inFlight.size >= this.#options.perAccount;
    if (queue.account.status === "PAUSED" || busy) return false;
    const nowMs = this.#nowMs();
    const roomMs = queue.ledger.roomAt(nowMs);
    if (roomMs === null || roomMs > nowMs + HOLD_FROM_MS) {
      // With something in flight, it comes back when that has ended.
      if (!queue.ledger.hasReserved) this.#chore(this.#holdByLimit(queue));
      return false;
    }
    const fromMs = Math.max(roomMs, queue.restUntilMs);
    if (fromMs <= nowMs) return true;
    this.#arm(queue, fromMs - nowMs);
    return false;
  }

  /** Nothing is in flight and there is no room for a while: each message shows when it will find room. */
  async #holdByLimit(queue: AccountQueue): Promise<void> {
    queue.marking = true;
    const nowMs = this.#nowMs();
    const heads = queue.heads.splice(0);
    const instants = queue.ledger.forecast(nowMs, heads.length);
    const held = heads.map((head, index) => ({ head, until: new Date(instants[index] ?? nowMs + NEVER_LOOK_MS) }));
    try {
      await this.#heldBack.byLimit(held);
      queue.readyAgainAt(held[0]?.until ?? null);
    } catch (error) {
      queue.restUntilMs = nowMs + this.#options.lookEveryMs;
      this.#options.log.warn({ err: error }, "Messages could not be marked as held by a limit; trying again.");
    } finally {
      queue.marking = false;
    }
    await this.#queues.refill(queue);
  }

  /** Later instants are the tick's. */
  #arm(queue: AccountQueue, delayMs: number): void {
    if (queue.armed || delayMs > this.#options.lookEveryMs) return;
    queue.armed = true;
    setTimeout(() => {
      queue.armed = false;
      this.#ready(queue);
    }, delayMs);
  }

  /** One message's turn, to its committed outcome. */
  async #deliver(queue: AccountQueue, head: Head): Promise<void> {
    try {
      const claim = await this.#claims.submit(head);
      if (claim.kind === "granted") {
        // Whoever changed the account has sent a wake-up; it may have been lost.
        if (claim.account.version !== queue.account.version)
          this.#chore(this.#queues.look([head.shard], { woken: true }));
        const present = () => this.#queues.get(head.accountId);
        await this.#delivery.deliver(claim.message, claim.account, { taken: queue, present });
      } else {
        this.#notGranted(queue, head, claim);
      }
    } catch (error) {
      // The claim was not committed, or its commit is unknown: the message is QUEUED and found again, or SENDING and put back.
      queue.ledger.release(head._id);
      this.#openSends.neverStarted(head, queue.epoch);
      queue.restUntilMs = this.#nowMs() + this.#options.lookEveryMs;
      queue.more = true;
      this.#options.log.warn(
        { err: error, messageId: head._id, organizationId: head.organizationId },
        "A message could not be taken up; trying again.",
      );
    } finally {
      queue.inFlight.delete(head._id);
      this.#inFlight.delete(head._id);
      this.#ready(queue);
    }
  }

  #notGranted(queue: AccountQueue, head: Head, claim: Exclude<Claim, { kind: "granted" }>): void {
    queue.ledger.release(head._id);
    this.#metrics.held.inc({ why: claim.kind });
    if (claim.kind === "held") queue.readyAgainAt(claim.until);
    if (claim.kind === "accountPaused") {
      queue.account = { ...queue.account, status: "PAUSED" };
      queue.heads = [];
      this.#chore(this.#holds.tryByPause(claim.account));
    }
  }

  #nowMs(): number {
    return this.#options.committer.clock.now().getTime();
  }
}
