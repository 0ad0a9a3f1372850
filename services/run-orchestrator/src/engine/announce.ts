import type { UnitOfWork } from "@cadenza/messaging";
import type { RunCommand } from "../runs/decide.ts";
import type { Run } from "../runs/model.ts";

/** What the engine needs of a unit of work; the simulation has its own. */
export type Unit = Pick<UnitOfWork, "session" | "tell" | "notify" | "wake" | "afterCommit">;

/** Carries an alarm that rings soon to the replica that holds the run's shard; as milliseconds since 1970. */
export const WAKE_SUBJECT = "wake.run-orchestrator";
/** Alarms later than this are found by the owner's own regular look. */
const SOON_MS = 1500;

/** Tells the commands, the owner of an alarm that rings soon, and everyone who watches a run or its workflow. */
export function announce(
  unit: Unit,
  changes: readonly { after: Run }[],
  commands: readonly { organizationId: string; command: RunCommand }[],
  now: Date,
): void {
  for (const { organizationId, command } of commands) tell(unit, organizationId, command);
  let soonest: Date | null = null;
  const newest = new Map<string, Run>();
  for (const { after } of changes) {
    unit.notify("run", after.organizationId, after._id, after.version);
    newest.set(after.workflowId, after);
    if (after.wakeAt && (!soonest || after.wakeAt < soonest)) soonest = after.wakeAt;
  }
  if (soonest && soonest.getTime() < now.getTime() + SOON_MS) unit.wake(WAKE_SUBJECT, String(soonest.getTime()));
  // A workflow has no version that grows with its runs: the instant stands for one.
  for (const { organizationId, workflowId, updatedAt } of newest.values())
    unit.notify("workflow", organizationId, workflowId, updatedAt.getTime());
}

function tell(unit: Unit, organizationId: string, command: RunCommand): void {
  switch (command.kind) {
    case "updateLead":
      return unit.tell({ kind: command.kind, organizationId, items: [command.item] });
    case "createTask":
      return unit.tell({ kind: command.kind, organizationId, items: [command.item] });
    case "prepareEmail":
      return unit.tell({ kind: command.kind, organizationId, items: [command.item] });
    case "withdrawTask":
    case "withdrawMessage":
      return unit.tell({ kind: command.kind, organizationId, items: [command.item] });
  }
}
