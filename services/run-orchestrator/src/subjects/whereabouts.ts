import type { Actor } from "@cadenza/contracts";
import type { Place, Subject } from "./subject.ts";

export type Whereabouts = { kind: "there"; place: Place } | { kind: "gone"; object: "LEAD" | "CONTACT"; actor: Actor };
type Known = ReadonlyMap<string, Pick<Subject, "object" | "isGone" | "into" | "leadId" | "actor">>;

/**
 * Where a contact is after all merges, and of which lead (RUN-9).
 * @param known what was heard of it, of its lead, and of everything they were merged into.
 */
export function whereaboutsOf(place: Place, known: Known): Whereabouts {
  const contact = follow(place.id, place.leadId, known);
  if ("lostAt" in contact) return gone("CONTACT", contact.lostAt, known);
  const leadId = known.get(contact.id)?.leadId ?? contact.leadId;
  const lead = follow(leadId, leadId, known);
  if ("lostAt" in lead) return gone("LEAD", lead.lostAt, known);
  return { kind: "there", place: { id: contact.id, leadId: lead.id } };
}

/** One that was merged into itself, by however many others, is nowhere. */
function follow(id: string, leadId: string, known: Known): Place | { lostAt: string } {
  const seen = new Set<string>();
  let at: Place = { id, leadId };
  for (;;) {
    const subject = known.get(at.id);
    if (!subject?.isGone) return at;
    if (!subject.into || seen.has(at.id)) return { lostAt: at.id };
    seen.add(at.id);
    at = subject.into;
  }
}

function gone(object: "LEAD" | "CONTACT", id: string, known: Known): Whereabouts {
  return { kind: "gone", object, actor: known.get(id)!.actor };
}
