import type { PrepareEmailCommand, Reason, StepResult } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import { type Clock, type Counter, derivedId } from "@cadenza/platform";
import { DISPATCHER_WAKE, type MessageDocument, wakeText } from "@cadenza/sending";
import { zoneFor } from "@cadenza/schedule";
import type { OrganizationScope } from "@cadenza/storage";
import type { MessageStore } from "../messages/store.ts";
import type { EmailPlanner, Planned } from "./email-planner.ts";
import type { EmailWriter } from "./email-writer.ts";
import type { EmailPlan } from "./plan-email.ts";

export type PreparationOptions = {
  planner: EmailPlanner;
  clock: Clock;
  messages: MessageStore;
  writer: EmailWriter;
  /** Counts what became of commands; optional in tests. */
  prepared?: Counter<"outcome"> | undefined;
};

/** Renders and queues the emails of steps. */
export class EmailPreparation {
  readonly #options: PreparationOptions;

  constructor(options: PreparationOptions) {
    this.#options = options;
  }

  async prepare(items: PrepareEmailCommand[], unit: UnitOfWork, scope: OrganizationScope): Promise<StepResult[]> {
    const { messages } = this.#options;
    const planned = await this.#options.planner.plan(items, scope);
    const written = await Promise.all(planned.map((one) => this.#write(one, scope)));
    const at = this.#options.clock.now();
    const queued = written.filter((made): made is MessageDocument => "_id" in made);
    await messages.insertMany(scope, queued, unit.session);
    for (const { _id, version } of queued) unit.notify("message", scope.organizationId, _id, version);
    if (queued.length > 0) unit.wake(DISPATCHER_WAKE, wakeText(queued.map(({ shard }) => shard)));
    const results = items.map((item, index) => {
      const made = written[index]!;
      return "_id" in made
        ? resultOf(item, "WAITING", null, made._id, at)
        : resultOf(item, made.outcome, made.reason, null, at);
    });
    unit.afterCommit(() => {
      for (const { outcome, reason } of results) this.#options.prepared?.inc({ outcome: reason?.code ?? outcome });
    });
    return results;
  }

  async #write(
    { order: item, plan, subject, organization }: Planned<PrepareEmailCommand>,
    scope: OrganizationScope,
  ): Promise<MessageDocument | Extract<EmailPlan, { ok: false }>> {
    if (!plan.ok) return plan;
    const { key, runId, stepId, attempt, schedule, templateId, at } = item;
    const { timeZone = null, phones = [] } = subject.contact ?? {};
    return this.#options.writer.write(scope, plan.email, {
      id: derivedId(at, "message", key),
      key: `${scope.organizationId}:${key}`,
      // Those of the item may have been merged since.
      leadId: subject.lead?.id ?? item.leadId,
      contactId: subject.contact?.id ?? item.contactId,
      runId,
      step: { key, runId, stepId, attempt },
      templateId,
      schedule,
      zone: schedule ? zoneFor(schedule, { contactTimeZone: timeZone, phones, at }) : null,
      at,
      organization,
      unsubscribable: true,
    });
  }
}

function resultOf(
  { key, runId, stepId, attempt }: PrepareEmailCommand,
  outcome: StepResult["outcome"],
  reason: Reason | null,
  messageId: string | null,
  at: Date,
): StepResult {
  return { key, runId, stepId, attempt, outcome, reason, messageId, taskId: null, changes: null, at };
}
