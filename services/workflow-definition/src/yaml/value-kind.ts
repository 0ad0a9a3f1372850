import type { Step, TriggerEvent } from "@cadenza/contracts";
import { changedObject, type CrmObject } from "./field-reference.ts";

/** What the text of a value stands for, where it is an id: those have names in a document. */
export type ValueKind = "LEAD_STATUS" | "OPPORTUNITY_STATUS" | "USER";

const STATUS_OF: Partial<Record<CrmObject, ValueKind>> = { LEAD: "LEAD_STATUS", OPPORTUNITY: "OPPORTUNITY_STATUS" };
const STATUS_FIELDS: ReadonlySet<string> = new Set(["status", "statusId"]);
const USER_FIELDS: ReadonlySet<string> = new Set(["user", "userId"]);

/** Of an object's standard field; null where its values mean themselves. */
export function kindOfStandardField(object: CrmObject | null, field: string): ValueKind | null {
  if (object === null) return null;
  if (STATUS_FIELDS.has(field)) return STATUS_OF[object] ?? null;
  return object === "OPPORTUNITY" && USER_FIELDS.has(field) ? "USER" : null;
}

/** Of a condition's path that names no custom field. */
export function kindOfStandardPath(path: string, event: TriggerEvent | null): ValueKind | null {
  if (path === "event.user" || (path === "event.data.user" && event === "CALL_COMPLETED")) return "USER";
  if (path.startsWith("event.data."))
    return kindOfStandardField(changedObject(event), path.slice("event.data.".length));
  const [owner, field, ...rest] = path.split(".");
  if (!field || rest.length > 0) return null;
  if (owner === "lead") return kindOfStandardField("LEAD", field);
  return owner === "opportunity" ? kindOfStandardField("OPPORTUNITY", field) : null;
}

/** Whose fields a step's assignments set. */
export function assignedObject(kind: Step["kind"]): CrmObject {
  return kind === "UPDATE_LEAD" ? "LEAD" : "OPPORTUNITY";
}
