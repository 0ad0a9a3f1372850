import { type Committer, consume, type Consumer } from "@cadenza/messaging";
import { organizationScope } from "@cadenza/storage";
import { SOURCE_KINDS } from "./source-events-of.ts";
import type { SourceIntake } from "./source-intake.ts";

export type ConsumeHappeningsOptions = {
  committer: Committer;
  intake: SourceIntake;
  /** Copies of the streams (default 1). */
  replicas?: number;
};

/** Takes what happened without changing an object of crm to the workflows that it starts; each once (TRG-3). */
export function consumeHappenings({ committer, intake, replicas = 1 }: ConsumeHappeningsOptions): Promise<Consumer> {
  return consume({
    committer,
    durable: "run-orchestrator-happenings",
    kinds: SOURCE_KINDS.filter((kind) => kind !== "crmChanged"),
    concurrency: 2,
    replicas,
    handle: async (envelopes, unit) => {
      for (const [organizationId, own] of Map.groupBy(envelopes, (envelope) => envelope.organizationId))
        await intake.take(unit, organizationScope(organizationId), own);
    },
  });
}
