import type { Reason, StepResult, WithdrawCommand } from "@cadenza/contracts";
import type { EffectContext, UnitOfWork } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { MessageClosing } from "../messages/closing.ts";
import { outcomeOf } from "../messages/outcome.ts";
import type { Message, MessageStore } from "../messages/store.ts";

/**
 * Takes back messages of steps (EDIT-4, GOAL-5). What is queued is canceled; what the provider has is done; what is on its
 * way to the provider stays open and is not answered for good, so that asking again finds its outcome; it is not tried again.
 */
export class MessageWithdrawal {
  readonly #messages: MessageStore;
  readonly #closing: MessageClosing;
  readonly #clock: Clock;

  constructor(options: { messages: MessageStore; closing: MessageClosing; clock: Clock }) {
    this.#messages = options.messages;
    this.#closing = options.closing;
    this.#clock = options.clock;
  }

  async withdraw(items: WithdrawCommand[], unit: UnitOfWork, context: EffectContext): Promise<StepResult[]> {
    const { scope } = context;
    const known = await context.recall(items.map(({ effectKey }) => effectKey));
    const ids = [...known.values()].flatMap(({ messageId }) => messageId ?? []);
    const found = await this.#messages.findByIds(scope, ids, unit.session);
    const messages = new Map(found.flatMap((message) => (message ? [[message._id, message] as const] : [])));

    const unheard = items.filter(({ effectKey }) => !known.has(effectKey));
    // A command that arrives after its withdrawal is answered with this, and has no effect.
    await context.remember(unheard.map((item) => this.#answer(item, item.effectKey, "CANCELED", item.reason, null)));

    const results: StepResult[] = [];
    const onTheirWay: { messageId: string; reason: Reason }[] = [];
    const canceled: { message: Message; status: "CANCELED"; reason: Reason }[] = [];
    for (const item of items) {
      const earlier = known.get(item.effectKey);
      const message = earlier?.messageId ? messages.get(earlier.messageId) : undefined;
      if (message?.status === "QUEUED") {
        canceled.push({ message, status: "CANCELED", reason: item.reason });
        results.push(this.#answer(item, item.key, "CANCELED", item.reason, message._id));
      } else if (message?.status === "SENDING") {
        onTheirWay.push({ messageId: message._id, reason: item.reason });
        results.push(this.#answer(item, item.effectKey, "WAITING", null, message._id));
      } else if (message) {
        results.push(this.#answer(item, item.key, outcomeOf(message), message.reason, message._id));
      } else {
        const { outcome, reason } = earlier ?? { outcome: "CANCELED" as const, reason: item.reason };
        results.push(this.#answer(item, item.key, outcome, reason, null));
      }
    }
    await this.#messages.noteWithdrawn(scope, onTheirWay, unit.session);
    await this.#closing.closeThese(scope, canceled, unit);
    return results;
  }

  #answer(
    { runId, stepId, attempt }: WithdrawCommand,
    key: string,
    outcome: StepResult["outcome"],
    reason: Reason | null,
    messageId: string | null,
  ): StepResult {
    const at = this.#clock.now();
    return { key, runId, stepId, attempt, outcome, reason, messageId, taskId: null, changes: null, at };
  }
}
