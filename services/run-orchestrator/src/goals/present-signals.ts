import { type Place, type Subject } from "../subjects/subject.ts";
import { whereaboutsOf } from "../subjects/whereabouts.ts";
import type { RunSignal } from "./signals-of.ts";

/**
 * What was told of a contact or lead that others have taken the place of since is told of those too: its runs may be theirs
 * by now (RUN-9). The status that a lead had is not the status of the one it went into.
 */
export function presentSignals(signals: readonly RunSignal[], known: ReadonlyMap<string, Subject>): RunSignal[] {
  if (known.size === 0) return [...signals];
  return signals.flatMap((signal) => {
    const { contactId, leadId, opportunityId } = signal.about;
    const isOfLead = signal.goal?.code !== "LEAD_STATUS_REACHED";
    const about = {
      runId: null,
      contactId: contactId && presentOf({ id: contactId, leadId: "" }, known)?.id,
      leadId: leadId && isOfLead ? presentOf({ id: "", leadId }, known)?.leadId : leadId,
      opportunityId,
    };
    const [contact, lead] = [about.contactId ?? null, about.leadId ?? null];
    if ((contact === contactId && lead === leadId) || (contact ?? lead) === null) return [signal];
    return [signal, { ...signal, about: { ...about, contactId: contact, leadId: lead } }];
  });
}

function presentOf(place: Place, known: ReadonlyMap<string, Subject>): Place | null {
  const where = whereaboutsOf(place, known);
  return where.kind === "there" ? where.place : null;
}
