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
};

/** The event of one committed change (CRM-3); null where nothing differs. */
export function crmChange(changed: ChangedObject, origin: Origin): CrmChange | null {
  const { object, id, leadId, contactId, version, before, after } = changed;
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
    actor,
    causation,
    at,
  };
}
