import { type Committer, consume, type Consumer } from "@cadenza/messaging";
import { organizationScope } from "@cadenza/storage";
import type { Engine } from "../engine/engine.ts";
import { hearChanges } from "../subjects/hear-changes.ts";
import type { SourceIntake } from "./source-intake.ts";

export type ConsumeChangesOptions = {
  committer: Committer;
  engine: Engine;
  intake: SourceIntake;
  /** Copies of the streams (default 1). */
  replicas?: number;
};

/** Takes crm's changes to the workflows that they start and to the runs that they end; each once (TRG-3). */
export function consumeChanges({ committer, engine, intake, replicas = 1 }: ConsumeChangesOptions): Promise<Consumer> {
  return consume({
    committer,
    durable: "run-orchestrator-changes",
    kinds: ["crmChanged"],
    concurrency: 2,
    replicas,
    handle: async (envelopes, unit) => {
      for (const [organizationId, own] of Map.groupBy(envelopes, (envelope) => envelope.organizationId)) {
        const scope = organizationScope(organizationId);
        await intake.take(unit, scope, own);
        await hearChanges(
          engine.subjects,
          unit,
          scope,
          own.flatMap(({ items }) => items),
        );
      }
    },
  });
}
