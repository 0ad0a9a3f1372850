import type { Actor } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Workflow } from "./model.ts";

/** Every new revision and every change of status is told once: `version` grows with both. */
export function tellChanged(workflow: Workflow, actor: Actor, at: Date, unit: UnitOfWork): void {
  const { _id: workflowId, organizationId, revision, status, version } = workflow;
  const key = `${workflowId}:${version}`;
  unit.tell({ kind: "workflowChanged", organizationId, items: [{ key, workflowId, revision, status, actor, at }] });
}
