import type { CrmChange, TriggerEvent } from "@cadenza/contracts";

/** Which events a change of a CRM object is (TRG-1). A deletion is none. */
export function eventsOf({
  object,
  verb,
  after,
  before,
}: Pick<CrmChange, "object" | "verb" | "after" | "before">): TriggerEvent[] {
  if (verb === "DELETED") return [];
  if (verb === "CREATED") return [`${object}_CREATED`];
  const has = (field: string): boolean => Object.hasOwn(after, field) || Object.hasOwn(before, field);
  switch (object) {
    case "LEAD":
      return has("status") ? ["LEAD_UPDATED", "LEAD_STATUS_CHANGED"] : ["LEAD_UPDATED"];
    case "CONTACT":
      return ["CONTACT_UPDATED"];
    case "OPPORTUNITY":
      return [
        "OPPORTUNITY_UPDATED",
        ...(has("status") ? (["OPPORTUNITY_STATUS_CHANGED"] as const) : []),
        ...(has("value") ? (["OPPORTUNITY_VALUE_CHANGED"] as const) : []),
      ];
  }
}
