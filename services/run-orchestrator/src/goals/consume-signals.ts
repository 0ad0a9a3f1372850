import { type Committer, consume, type Consumer, type Envelope, type UnitOfWork } from "@cadenza/messaging";
import { organizationScope } from "@cadenza/storage";
import type { SignalIntake } from "./signal-intake.ts";
import { type RunSignal, SIGNAL_KINDS, type SignalKind, signalOf } from "./signals-of.ts";

export type ConsumeSignalsOptions = {
  committer: Committer;
  intake: SignalIntake;
  /** Copies of the streams (default 1). */
  replicas?: number;
};

/** Takes events to the runs whose goals they meet, each once (GOAL-1); the second consumer what one transaction cannot hold. */
export async function consumeSignals({ committer, intake, replicas = 1 }: ConsumeSignalsOptions): Promise<Consumer> {
  const consumers = await Promise.all([
    consume({
      committer,
      durable: "run-orchestrator-goals",
      kinds: SIGNAL_KINDS,
      concurrency: 2,
      replicas,
      handle: (envelopes, unit) => takeEach(intake, unit, envelopes, signalsIn),
    }),
    consume({
      committer,
      durable: "run-orchestrator-signal-runs",
      kinds: ["signalRuns"],
      concurrency: 1,
      replicas,
      handle: (envelopes, unit) => takeEach(intake, unit, envelopes, ({ items }) => items),
    }),
  ]);
  return { stop: async () => void (await Promise.all(consumers.map((consumer) => consumer.stop()))) };
}

async function takeEach<E extends Pick<Envelope, "organizationId">>(
  intake: SignalIntake,
  unit: UnitOfWork,
  envelopes: readonly E[],
  signalsOf: (envelope: E) => RunSignal[],
): Promise<void> {
  for (const [organizationId, own] of Map.groupBy(envelopes, (envelope) => envelope.organizationId))
    await intake.take(unit, organizationScope(organizationId), own.flatMap(signalsOf));
}

function signalsIn({ kind, items }: Envelope<SignalKind>): RunSignal[] {
  return items.flatMap((item) => signalOf(kind, item) ?? []);
}
