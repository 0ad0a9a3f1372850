import type { CrmChange, Reason } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { Filter, OrganizationScope } from "@cadenza/storage";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../runs/model.ts";

const LOT_SIZE = 200;

/** Cancels the open runs of leads and contacts that are gone (RUN-9), in the transaction that consumes the changes. */
export async function cancelRunsOfDeleted(
  engine: Engine,
  unit: UnitOfWork,
  scope: OrganizationScope,
  changes: readonly CrmChange[],
): Promise<void> {
  for (const change of changes) {
    if (change.verb !== "DELETED" || change.object === "OPPORTUNITY") continue;
    const of: Filter<Run> = change.object === "LEAD" ? { leadId: change.id } : { contactId: change.id };
    const open = await engine.runs.tenant.find(scope, { ...of, open: true }, { projection: { _id: 1 } }, unit.session);
    const input = { kind: "cancel", actor: change.actor, reason: REASON[change.object] } as const;
    for (let start = 0; start < open.length; start += LOT_SIZE)
      await engine.applyIn(
        unit,
        scope,
        open.slice(start, start + LOT_SIZE).map(({ _id }) => _id),
        input,
      );
  }
}

const REASON: Record<"LEAD" | "CONTACT", Reason> = {
  LEAD: { code: "SUBJECT_DELETED", message: "The lead was deleted." },
  CONTACT: { code: "SUBJECT_DELETED", message: "The contact was deleted." },
};
