import type { Reason, StepResult } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import { type MessageDocument, type MessageStatus, messageStepResult } from "@cadenza/sending";
import type { Filter, OrganizationScope } from "@cadenza/storage";
import type { Message, MessageStore } from "./store.ts";

export type Closed = { status: MessageStatus; outcome: StepResult["outcome"]; reason: Reason };

/** Ends messages that no dispatcher has taken in hand yet, and tells their runs. */
export class MessageClosing {
  readonly #store: MessageStore;
  readonly #clock: Clock;

  constructor(options: { store: MessageStore; clock: Clock }) {
    this.#store = options.store;
    this.#clock = options.clock;
  }

  /** @returns how many messages `filter` found QUEUED. */
  async close(
    scope: OrganizationScope,
    filter: Filter<MessageDocument>,
    unit: UnitOfWork,
    closed: Closed,
  ): Promise<number> {
    const queued = await this.#store.find(
      scope,
      { ...filter, status: "QUEUED" } as Filter<MessageDocument>,
      unit.session,
    );
    await this.closeThese(
      scope,
      queued.map((message) => ({ message, status: closed.status, reason: closed.reason })),
      unit,
    );
    const at = this.#clock.now();
    const results = queued.flatMap((message) => messageStepResult(message, closed.outcome, closed.reason, at) ?? []);
    if (results.length > 0) {
      unit.tell({ kind: "communicationsStepEnded", organizationId: scope.organizationId, items: results });
    }
    return queued.length;
  }

  /** For a caller that answers the runs itself. */
  async closeThese(
    scope: OrganizationScope,
    closings: readonly { message: Message; status: MessageStatus; reason: Reason }[],
    unit: UnitOfWork,
  ): Promise<void> {
    const updatedAt = this.#clock.now();
    const changes = closings.map(({ message, status, reason }) => ({ message, change: { status, reason, updatedAt } }));
    const matched = await this.#store.changeMany(scope, changes, unit.session);
    // Within a snapshot nobody else changes them: a conflict aborts the transaction instead.
    if (matched !== closings.length) throw new Error("Messages changed under a transaction.");
    for (const { message } of closings) unit.notify("message", scope.organizationId, message._id, message.version + 1);
  }
}
