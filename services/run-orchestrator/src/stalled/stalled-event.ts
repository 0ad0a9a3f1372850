import { type FindStalledResponse, NO_CAUSATION } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { SourceEvent } from "../triggers/source-event.ts";

export type StalledOpportunity = FindStalledResponse["opportunities"][number];

/** An opportunity has had no change for so many days. Named by its last change, so that it happens once after each (CRM-5). */
export function stalledEvent(opportunity: StalledOpportunity, stalledDays: number): SourceEvent {
  const { id, leadId, contactId, version, updatedAt } = opportunity;
  const at = new Date(updatedAt);
  return {
    key: derivedId(at, "stalled", id, String(version)),
    at,
    events: ["OPPORTUNITY_STALLED"],
    leadId,
    contactId,
    opportunityId: id,
    stalledVersion: version,
    object: null,
    isWhole: false,
    data: { stalledDays, lastChangedAt: updatedAt },
    previous: {},
    user: null,
    causation: NO_CAUSATION,
  };
}
