import {
  type MessageKind,
  MESSAGES,
  type Reason,
  STEP_ENDED_BY,
  type StepResult,
  type ItemOf,
} from "@cadenza/contracts";
import { type OrganizationScope, organizationScope } from "@cadenza/storage";
import { type Consumer, consume } from "./consume.ts";
import type { Committer } from "./committer.ts";
import type { Envelope } from "./envelope.ts";
import { StepResults } from "./step-results.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

export type CommandKind = {
  [K in MessageKind]: ItemOf<K> extends { key: string; runId: string; stepId: string; attempt: number }
    ? (typeof MESSAGES)[K]["subject"] extends `cmd.${string}`
      ? K
      : never
    : never;
}[MessageKind];

export type EffectContext = {
  scope: OrganizationScope;
  /** Results stored under these keys before, of any command of this service. */
  recall: (keys: readonly string[]) => Promise<Map<string, StepResult>>;
  /** Stores a result for a key beside the batch's own, such as that of a command which has not arrived yet. */
  remember: (results: readonly StepResult[]) => Promise<void>;
};

export type ConsumeCommandsOptions<K extends CommandKind> = {
  committer: Committer;
  kind: K;
  /** Batches handled at the same time in this process (default 2). */
  concurrency?: number;
  /** Copies of the streams (default 1). */
  replicas?: number;
  /**
   * Has the effect of a batch of one organization, in the unit's transaction, and says what became of each item
   * (`result.key` = `item.key`, unless the result belongs to another key). An item without a result answers nothing.
   */
  effect: (items: ItemOf<K>[], unit: UnitOfWork, context: EffectContext) => Promise<StepResult[]>;
};

const GIVEN_UP: Reason = {
  code: "INTERNAL_ERROR",
  message: "This step failed several times for a reason of our own. Try it again later, or skip it.",
};

/**
 * Consumes one kind of command so that each key has its effect once (RUN-4): the key is stored with its result in the
 * transaction that has the effect, a second delivery changes nothing and answers the stored result.
 */
export function consumeCommands<K extends CommandKind>(options: ConsumeCommandsOptions<K>): Promise<Consumer> {
  const { committer, kind } = options;
  const results = new StepResults(committer.database);
  const service = MESSAGES[kind].subject.split(".")[1] as keyof typeof STEP_ENDED_BY;
  const answerKind = STEP_ENDED_BY[service];

  const handle = async (envelopes: Envelope<K>[], unit: UnitOfWork): Promise<void> => {
    const byOrganization = Map.groupBy(envelopes, (envelope) => envelope.organizationId);
    for (const [organizationId, own] of byOrganization) {
      const items = [...new Map(own.flatMap((envelope) => envelope.items).map((item) => [item.key, item])).values()];
      const known = await results.recall(
        organizationId,
        items.map(({ key }) => key),
        unit.session,
      );
      const fresh = items.filter(({ key }) => !known.has(key));
      const context: EffectContext = {
        scope: organizationScope(organizationId),
        recall: (keys) => results.recall(organizationId, keys, unit.session),
        remember: (more) => results.remember(organizationId, more, unit.session),
      };
      const made = fresh.length > 0 ? await options.effect(fresh, unit, context) : [];
      const keys = new Set<string>(fresh.map(({ key }) => key));
      await results.remember(
        organizationId,
        made.filter(({ key }) => keys.has(key)),
        unit.session,
      );
      const answers = [...known.values(), ...made];
      if (answers.length > 0) unit.tell({ kind: answerKind, organizationId, items: answers });
    }
  };

  return consume({
    committer,
    durable: `${committer.service}-${kind}`,
    kinds: [kind],
    concurrency: options.concurrency ?? 2,
    replicas: options.replicas ?? 1,
    handle,
    onDeadLetter: async (envelope, unit) => {
      const items = envelope.items.map((item) => ({
        key: item.key,
        runId: item.runId,
        stepId: item.stepId,
        attempt: item.attempt,
        outcome: "ERROR" as const,
        reason: GIVEN_UP,
        messageId: null,
        taskId: null,
        changes: null,
        at: committer.clock.now(),
      }));
      await results.remember(envelope.organizationId, items, unit.session);
      unit.tell({ kind: answerKind, organizationId: envelope.organizationId, items });
    },
  });
}
