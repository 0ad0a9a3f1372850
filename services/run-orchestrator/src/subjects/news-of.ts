import type { Actor, CrmChange } from "@cadenza/contracts";
import type { Place } from "./subject.ts";

/** What a change of crm's says about where runs belong. */
export type SubjectNews =
  | { kind: "gone"; id: string; object: "LEAD" | "CONTACT"; into: Place | null; actor: Actor }
  | { kind: "changedLead"; id: string; leadId: string; version: number; actor: Actor };

/** Null where it says nothing. */
export function newsOf({ object, verb, id, after, version, mergedInto, actor }: CrmChange): SubjectNews | null {
  if (object === "OPPORTUNITY") return null;
  if (verb === "DELETED") return { kind: "gone", id, object, into: mergedInto ?? null, actor };
  const leadId = after["lead"];
  if (object !== "CONTACT" || verb !== "UPDATED" || typeof leadId !== "string") return null;
  return { kind: "changedLead", id, leadId, version, actor };
}
