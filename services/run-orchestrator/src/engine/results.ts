import { type Consumer, consume, type Committer, type Envelope, type UnitOfWork } from "@cadenza/messaging";
import type { Unit } from "./announce.ts";
import type { MoveReport, RunMover } from "./run-mover.ts";

const KINDS = ["crmStepEnded", "tasksStepEnded", "communicationsStepEnded"] as const;
type ResultKind = (typeof KINDS)[number];

export type ResultsOptions = {
  committer: Committer;
  mover: RunMover;
  /** Copies of the streams. */
  replicas: number;
  /** Told of each batch that is committed, for metrics and alarms. */
  committed: (report: MoveReport) => void;
};

/** Takes what became of commands to the runs that wait for it; one transaction a batch, each envelope once (RUN-4). */
export function consumeResults({ committer, mover, replicas, committed }: ResultsOptions): Promise<Consumer> {
  return consume({
    committer,
    durable: "run-orchestrator-results",
    kinds: KINDS,
    concurrency: 3,
    replicas,
    handle: async (envelopes: Envelope<ResultKind>[], unit: UnitOfWork) => {
      const report = await moveByResults(mover, envelopes, unit);
      unit.afterCommit(() => committed(report));
    },
    onDeadLetter: async ({ organizationId, items }, unit) => {
      await mover.move(
        items.map(({ runId }) => ({ organizationId, runId, input: { kind: "giveUp" } })),
        unit,
      );
    },
  });
}

/** @throws what a run failed with: consuming knows how to find the bad one and let the others go on. */
export async function moveByResults(
  mover: RunMover,
  envelopes: readonly Pick<Envelope<ResultKind>, "organizationId" | "items">[],
  unit: Unit,
): Promise<MoveReport> {
  const moves = envelopes.flatMap(({ organizationId, items }) =>
    items.map((result) => ({ organizationId, runId: result.runId, input: { kind: "stepResult", result } as const })),
  );
  const report = await mover.move(moves, unit);
  for (const outcome of report.outcomes.values()) if (outcome.kind === "fault") throw outcome.error;
  return report;
}
