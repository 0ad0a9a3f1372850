import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { type Clock, type Logger, traced } from "@cadenza/platform";
import type { EmailAccountDocument, MessageDocument } from "@cadenza/sending";
import { isDatabaseOutage, type ShardLeases } from "@cadenza/storage";
import { type DispatcherMetrics, outcomeLabel } from "../dispatcher-metrics.ts";
import type { Answer, Provider } from "../providers/provider.ts";
import type { AccountQueue } from "../queue/account-queue.ts";
import { Batcher } from "./batcher.ts";
import type { Outcome, Outcomes } from "./outcomes.ts";
import { settle } from "./settlement.ts";

/** Refused sign-ins in a row after which an account is paused for a person. */
const SIGN_INS = 3;
/** An outcome is the truth that must not be lost: while the database is away, it is tried again for ever. */
const COMMIT_RETRY_MS = [50, 200, 500, 1000, 2000] as const;

export type DeliveryOptions = {
  provider: Provider;
  leases: ShardLeases;
  clock: Clock;
  outcomes: Outcomes;
  metrics: DispatcherMetrics;
  log: Logger;
};

/** The way of one SENDING message: to the provider, into the account's ledger, to its committed outcome. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #outcomes: Batcher<Outcome, boolean>;
  #stopped = false;
  #abandoned = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#outcomes = new Batcher({ run: (batch) => options.outcomes.commit(batch), failsAlike: isDatabaseOutage });
  }

  /** No message begins to leave from here on; outcomes are still committed. */
  stop(): void {
    this.#stopped = true;
  }

  /** As if the process were killed: not even outcomes are committed. */
  abandon(): void {
    this.#stopped = true;
    this.#abandoned = true;
  }

  /**
   * Resolves once the outcome is committed, or known to be unknown.
   * @param queues the account's queue, and the one in its place if its shard has come back under another lease meanwhile.
   */
  async deliver(
    message: MessageDocument,
    account: EmailAccountDocument,
    queues: { taken: AccountQueue; present: () => AccountQueue | undefined },
  ): Promise<void> {
    const answer = await this.#ask(message, account);
    const at = this.#options.clock.now();
    const { _id: messageId, organizationId, runId } = message;
    this.#options.metrics.sends.inc({ outcome: outcomeLabel(answer) });
    this.#options.log.debug({ messageId, organizationId, runId, answer: answer.kind }, "The provider has answered.");
    for (const queue of new Set([queues.taken, queues.present() ?? queues.taken])) book(queue, messageId, answer, at);
    const pause = isPauseDue(queues.taken, answer, at) ? account : null;
    const settlement = settle(message, answer, { at, chance: Math.random() });
    if (!settlement) return;
    queues.taken.readyAgainAt(settlement.set.notBefore ?? null);
    await this.#commit({ message, settlement, at, pause });
  }

  async #ask(message: MessageDocument, account: EmailAccountDocument): Promise<Answer> {
    const { provider, leases, metrics } = this.#options;
    const startedMs = performance.now();
    const { raw, envelope, messageIdHeader } = message;
    try {
      const providerMessageId = await traced("send email", { traceparent: message.traceparent ?? undefined }, () =>
        provider.send({
          account,
          raw: raw.buffer,
          envelope,
          messageIdHeader,
          // The lease is judged by real time, right before the first byte: a process that was stopped meanwhile is too late.
          mayStart: () => !this.#stopped && leases.epoch(message.shard) === message.sendingEpoch,
        }),
      );
      return { kind: "accepted", providerMessageId };
    } catch (error) {
      return provider.classify(error);
    } finally {
      metrics.providerSeconds.observe((performance.now() - startedMs) / 1000);
    }
  }

  async #commit(outcome: Outcome): Promise<void> {
    const { log } = this.#options;
    const { _id: messageId, organizationId } = outcome.message;
    for (let attempt = 0; !this.#abandoned; attempt++) {
      try {
        const written = await this.#outcomes.submit(outcome);
        if (!written)
          log.warn({ messageId, organizationId }, "An outcome came too late: the message had been resolved.");
        return;
      } catch (error) {
        log.warn(
          { err: error, messageId, organizationId, attempt },
          "An outcome could not be committed; trying again.",
        );
        await wait(COMMIT_RETRY_MS[Math.min(attempt, COMMIT_RETRY_MS.length - 1)]);
      }
    }
  }
}

/** An unknown outcome keeps its place in the ledger until it is resolved. */
function book({ ledger }: AccountQueue, messageId: string, answer: Answer, at: Date): void {
  if (answer.kind === "accepted") ledger.settle(messageId, at.getTime());
  else if (answer.kind !== "unknown") ledger.release(messageId);
}

function isPauseDue(queue: AccountQueue, answer: Answer, at: Date): boolean {
  if (answer.kind === "deferred" && answer.scope !== "MESSAGE") {
    return queue.refused(answer.scope, at.getTime()) >= SIGN_INS;
  }
  if (answer.kind === "accepted" || answer.kind === "refused") queue.works();
  return false;
}
