import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import type { Committer, CoreSubscription } from "@cadenza/messaging";
import { type Logger, type Metrics, OffsetClock } from "@cadenza/platform";
import { DISPATCHER_WAKE, type EmailAccountDocument, type MessageDocument, shardsOfWake } from "@cadenza/sending";
import { isDatabaseOutage, type ShardLeases } from "@cadenza/storage";
import { createDispatcherMetrics, type DispatcherMetrics, outcomeLabel } from "./dispatcher-metrics.ts";
import type { Answer, Provider } from "./providers/provider.ts";
import type { AccountQueue } from "./queue/account-queue.ts";
import { AccountQueues } from "./queue/account-queues.ts";
import { type Head, QueueStore } from "./queue/queue-store.ts";
import { Turns } from "./queue/turns.ts";
import { Batcher } from "./sending/batcher.ts";
import { type Claim, Claims } from "./sending/claims.ts";
import { OpenSends } from "./sending/open-sends.ts";
import { type Outcome, Outcomes } from "./sending/outcomes.ts";
import { SendingStore } from "./sending/sending-store.ts";
import { settle } from "./sending/settlement.ts";

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

/** Refused sign-ins in a row after which an account is paused for a person. */
const SIGN_INS = 3;
/** Of the time to drain, what is left for putting back what has not begun to leave. */
const HAND_BACK_MS = 500;
/** An outcome is the truth that must not be lost: while the database is away, it is tried again for ever. */
const COMMIT_RETRY_MS = [50, 200, 500, 1000, 2000] as const;

/**
 * Sends what is queued: takes turns between accounts, holds their limits, commits SENDING, hands over to the provider, and
 * commits the outcome. Works on the shards it holds leases for; everything it may lose with them is in the database.
 */
export class Dispatcher {
  readonly #options: Required<DispatcherOptions>;
  readonly #queues: AccountQueues;
  readonly #turns = new Turns<AccountQueue>();
  readonly #claims: Batcher<Head, Claim>;
  readonly #outcomes: Batcher<Outcome, boolean>;
  readonly #openSends: OpenSends;
  readonly #metrics: DispatcherMetrics;
  /** Between their turn and their committed outcome. */
  readonly #inFlight = new Set<string>();
  #subscription: CoreSubscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #draining = false;
  /** No message may begin to leave this process. */
  #stopped = false;
  #abandoned = false;

  constructor(options: DispatcherOptions) {
    this.#options = { perAccount: 5, perProcess: 200, lookEveryMs: 1000, ...options };
    const { committer, leases, log } = options;
    const store = new SendingStore(committer.database);
    const queueStore = new QueueStore(committer.database);
    const claims = new Claims({ committer, store, leases });
    const outcomes = new Outcomes({ committer, store });
    this.#claims = new Batcher({ run: (heads) => claims.claim(heads), failsAlike: isDatabaseOutage });
    this.#outcomes = new Batcher({ run: (batch) => outcomes.commit(batch), failsAlike: isDatabaseOutage });
    this.#queues = new AccountQueues({
      store: queueStore,
      leases,
      clock: committer.clock,
      log,
      onReady: (queue) => this.#ready(queue),
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
      queueAgeSeconds: () => this.#queueAgeSeconds(),
      limitUsed: () => Math.max(0, ...[...this.#queues.all()].map((queue) => queue.ledger.used(this.#nowMs()))),
    });
  }

  /** Takes its shards and begins to send. `leases` must not be started yet. */
  async start(): Promise<void> {
    const { committer, leases, lookEveryMs } = this.#options;
    leases.onChange((owned) => {
      this.#queues.dropLost();
      void this.#queues.look(owned, { woken: true });
    });
    this.#subscription = committer.bus.subscribeCore(DISPATCHER_WAKE, (text) => {
      void this.#queues.look(shardsOfWake(text), { woken: true });
    });
    committer.bus.onReconnect(() => void this.#queues.look(leases.owned(), { woken: true }));
    if (committer.clock instanceof OffsetClock) {
      this.#stopListening = committer.clock.onChange(() => void this.#tick());
    }
    this.#timer = setInterval(() => void this.#tick(), lookEveryMs);
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
    while (this.#inFlight.size > 0 && performance.now() < deadlineMs) {
      this.#stopped ||= performance.now() > deadlineMs - HAND_BACK_MS;
      await wait(10);
    }
    this.#stopped = true;
    await this.#options.leases.drain();
    this.#options.provider.close();
  }

  /** Stops without a word and without an outcome, as a killed process does: for tests. */
  abandon(): void {
    this.#quiet();
    this.#stopped = true;
    this.#abandoned = true;
    this.#options.leases.abandon();
  }

  #quiet(): void {
    this.#draining = true;
    clearInterval(this.#timer);
    this.#subscription?.stop();
    this.#stopListening?.();
  }

  async #tick(): Promise<void> {
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
    if (queue.account.status === "PAUSED" || queue.inFlight.size >= this.#options.perAccount) return false;
    const nowMs = this.#nowMs();
    // Without room, it comes back when what is in flight has ended.
    const roomMs = queue.ledger.roomAt(nowMs);
    if (roomMs === null) return false;
    const fromMs = Math.max(roomMs, queue.restUntilMs);
    if (fromMs <= nowMs) return true;
    this.#arm(queue, fromMs - nowMs);
    return false;
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
      if (claim.kind === "granted") await this.#send(queue, claim.message, claim.account);
      else this.#notGranted(queue, head, claim);
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
    if (claim.kind === "held") queue.idleUntilMs = Math.min(queue.idleUntilMs, claim.until.getTime());
    if (claim.kind === "accountPaused") {
      queue.account = claim.account;
      queue.heads = [];
      queue.more = true;
    }
  }

  async #send(queue: AccountQueue, message: MessageDocument, account: EmailAccountDocument): Promise<void> {
    queue.account = account;
    const answer = await this.#ask(message, account);
    const at = this.#options.committer.clock.now();
    this.#noteAttempt(message, outcomeLabel(answer));
    const pause = this.#noteAnswer(queue, message, answer, at) ? account : null;
    const settlement = settle(message, answer, { at, chance: Math.random() });
    if (!settlement) return;
    const nextMs = settlement.set.notBefore?.getTime();
    if (nextMs !== undefined) queue.idleUntilMs = Math.min(queue.idleUntilMs, nextMs);
    await this.#commit({ message, settlement, at, pause });
  }

  async #ask(message: MessageDocument, account: EmailAccountDocument): Promise<Answer> {
    const { provider, leases } = this.#options;
    const startedMs = performance.now();
    const { raw, envelope, messageIdHeader } = message;
    try {
      const providerMessageId = await provider.send({
        account,
        raw: raw.buffer,
        envelope,
        messageIdHeader,
        // The lease is judged by real time, right before the first byte: a process that was stopped meanwhile is too late.
        mayStart: () => !this.#stopped && leases.epoch(message.shard) === message.sendingEpoch,
      });
      return { kind: "accepted", providerMessageId };
    } catch (error) {
      return provider.classify(error);
    } finally {
      this.#metrics.providerSeconds.observe((performance.now() - startedMs) / 1000);
    }
  }

  /** Books the answer in the account's ledger. Answers whether the account is to be paused. */
  #noteAnswer(queue: AccountQueue, message: MessageDocument, answer: Answer, at: Date): boolean {
    // The shard may have come back under a new lease, with a ledger that knows the message from the database.
    const ledgers = new Set([queue.ledger, this.#queues.get(message.accountId)?.ledger ?? queue.ledger]);
    for (const ledger of ledgers) {
      if (answer.kind === "accepted") ledger.settle(message._id, at.getTime());
      // An unknown outcome keeps its place until it is resolved.
      else if (answer.kind !== "unknown") ledger.release(message._id);
    }
    if (answer.kind === "deferred" && answer.scope !== "MESSAGE") {
      return queue.refused(answer.scope, at.getTime()) >= SIGN_INS;
    }
    if (answer.kind === "accepted" || answer.kind === "refused") queue.works();
    return false;
  }

  #noteAttempt({ _id: messageId, organizationId, runId }: MessageDocument, outcome: string): void {
    this.#metrics.sends.inc({ outcome });
    this.#options.log.debug({ messageId, organizationId, runId, outcome }, "The provider has answered.");
  }

  async #commit(outcome: Outcome): Promise<void> {
    const { _id: messageId, organizationId } = outcome.message;
    for (let attempt = 0; !this.#abandoned; attempt++) {
      try {
        const written = await this.#outcomes.submit(outcome);
        if (!written)
          this.#options.log.warn(
            { messageId, organizationId },
            "An outcome came too late: the message had been resolved.",
          );
        return;
      } catch (error) {
        this.#options.log.warn(
          { err: error, messageId, organizationId, attempt },
          "An outcome could not be committed; trying again.",
        );
        const pauseMs = COMMIT_RETRY_MS[Math.min(attempt, COMMIT_RETRY_MS.length - 1)]!;
        await wait(pauseMs);
      }
    }
  }

  #queueAgeSeconds(): number {
    const nowMs = this.#nowMs();
    const ages = [...this.#queues.all()].map(({ heads }) => (heads[0] ? nowMs - heads[0].dueAt.getTime() : 0));
    return Math.max(0, ...ages) / 1000;
  }

  #nowMs(): number {
    return this.#options.committer.clock.now().getTime();
  }
}
