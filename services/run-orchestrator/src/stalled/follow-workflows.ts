import { type Committer, consume, type Consumer, type UnitOfWork } from "@cadenza/messaging";
import { shardOf } from "@cadenza/storage";
import type { DefinitionSource } from "../engine/definitions.ts";
import { daysBefore, type StalledSweep, stalledDaysOf } from "./stalled-sweep.ts";
import type { StalledSweepStore } from "./stalled-sweep-store.ts";

export type FollowWorkflowsOptions = {
  committer: Committer;
  sweeps: StalledSweepStore;
  definitions: DefinitionSource;
  /** Called when there may be something to sweep. */
  wake: () => void;
  /** Copies of the streams (default 1). */
  replicas?: number;
};

type Changed = { organizationId: string; workflowId: string; at: Date };

/** Begins a sweep when a workflow that waits for stalled opportunities becomes active, and ends it when it no longer does. */
export function followWorkflows(options: FollowWorkflowsOptions): Promise<Consumer> {
  const { committer, replicas = 1, wake } = options;
  return consume({
    committer,
    durable: "run-orchestrator-stalled",
    kinds: ["workflowChanged"],
    concurrency: 1,
    replicas,
    handle: async (envelopes, unit) => {
      const changes = envelopes.flatMap(({ organizationId, items }) =>
        items.map(({ workflowId, at }): Changed => ({ organizationId, workflowId, at })),
      );
      await note(options, unit, [...new Map(changes.map((change) => [change.workflowId, change])).values()]);
      unit.afterCommit(wake);
    },
  });
}

/** What a workflow is counts as it is at this moment, in whatever order its changes are told. */
async function note(
  { committer, sweeps, definitions }: FollowWorkflowsOptions,
  unit: UnitOfWork,
  changes: readonly Changed[],
): Promise<void> {
  const known = await sweeps.find(
    changes.map(({ workflowId }) => workflowId),
    unit.session,
  );
  const current = await definitions.current(changes);
  const wakeAt = committer.clock.now();
  const next = changes.flatMap(({ organizationId, workflowId, at }): StalledSweep[] => {
    const sweep = known.get(workflowId);
    const stalledDays = stalledDaysOf(current.get(workflowId));
    if (stalledDays === null) return sweep ? [{ ...sweep, version: sweep.version + 1, isActive: false }] : [];
    if (sweep?.isActive) return [{ ...sweep, version: sweep.version + 1, stalledDays, wakeAt }];
    return [
      {
        _id: workflowId,
        organizationId,
        shard: shardOf(workflowId),
        version: (sweep?.version ?? 0) + 1,
        isActive: true,
        stalledDays,
        // What had stalled before the workflow became active is not its concern.
        sweptUntil: daysBefore(at, stalledDays),
        afterId: null,
        wakeAt,
      },
    ];
  });
  await sweeps.put(next, unit.session);
}
