import type { Actor, Causation, CrmChange } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import { diff, type Fields } from "./diff.ts";

/** Who changes what, why, and when. */
export type Origin = { actor: Actor; causation: Causation; at: Date };

/** An object before and after, as its folder describes it. */
export type ChangedObject = {
  object: CrmChange["object"];
  id: string;
  leadId: string;
  contactId: string | null;
  version: number;
  /** Null where it did not exist. */
  before: Fields | null;
  /** Null where it does not exist any more. */
  after: Fields | null;
  /** What it went into, where it is gone because of a merge. */
  mergedInto?: CrmChange["mergedInto"];
};

/** An object's change with that of its lead, where a merge has moved it to another one. */
export function withLead(changed: ChangedObject, from: string, to: string): ChangedObject {
  if (from === to) return changed;
  return { ...changed, before: { ...changed.before, lead: from }, after: { ...changed.after, lead: to } };
}

/** The event of one committed change (CRM-3); null where nothing differs. */
export function crmChange(changed: ChangedObject, origin: Origin): CrmChange | null {
  const { object, id, leadId, contactId, version, before, after, mergedInto } = changed;
  const verb = before === null ? "CREATED" : after === null ? "DELETED" : "UPDATED";
  const difference = diff(before ?? {}, after ?? {});
  if (!difference && verb === "UPDATED") return null;
  const { actor, causation, at } = origin;
  const key = derivedId(at, id, String(version), verb);
  return {
    key,
    object,
    verb,
    id,
    leadId,
    contactId,
    version,
    ...(difference ?? { before: {}, after: {} }),
    ...(mergedInto ? { mergedInto } : {}),
    actor,
    causation,
    at,
  };
}
