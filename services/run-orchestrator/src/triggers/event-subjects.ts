import type { ContactView, CrmReader, LeadView, OpportunityView, Subject } from "@cadenza/contracts";
import type { SourceEvent } from "./source-event.ts";

/** What an event is about, as it is at this moment; null where it does not exist (any more). */
export type EventSubject = {
  lead: LeadView | null;
  opportunity: OpportunityView | null;
  /** The event's contact, else the lead's primary one; undefined while that one is not read. */
  contact: ContactView | null | undefined;
  contactId: string | null;
  /** The lead's primary contact. */
  primaryContactId: string | null;
};

type Crm = Pick<CrmReader, "getSubjects">;

/** Read in one call for all events. Of primary contacts only who they are: `readPrimaryContacts` reads them where it matters. */
export async function readSubjects(
  crm: Crm,
  organizationId: string,
  sources: readonly SourceEvent[],
): Promise<Map<SourceEvent, EventSubject>> {
  const wanted = sources.map(({ leadId, contactId, opportunityId }) => ({ leadId, contactId, opportunityId }));
  const found = await ask(crm, organizationId, wanted);
  return new Map(
    sources.map((source, i) => {
      const { lead = null, contact = null, opportunity = null } = found[i] ?? {};
      const primaryContactId = lead?.contactIds[0] ?? null;
      // A contact that was merged away, or into another lead, is not the event's any more.
      const own = contact?.leadId === source.leadId ? contact : null;
      const subject: EventSubject = { lead, opportunity, contact: own, contactId: own?.id ?? null, primaryContactId };
      return [source, own || isOfContact(source) || !lead ? subject : withPrimary(subject)];
    }),
  );
}

/** Reads the primary contacts that `readSubjects` has left out, of these events. */
export async function readPrimaryContacts(
  crm: Crm,
  organizationId: string,
  subjects: Map<SourceEvent, EventSubject>,
  sources: Iterable<SourceEvent>,
): Promise<void> {
  const wanting = [...new Set(sources)].filter((source) => subjects.get(source)?.contact === undefined);
  const wanted = wanting.map((source) => {
    return { leadId: source.leadId, contactId: subjects.get(source)?.contactId ?? null, opportunityId: null };
  });
  const found = await ask(crm, organizationId, wanted);
  for (const [i, source] of wanting.entries()) {
    const subject = subjects.get(source);
    if (subject) subjects.set(source, { ...subject, contact: found[i]?.contact ?? null });
  }
}

/** Its contact is whom it is about; an opportunity's contact may be another one tomorrow, and an opportunity outlives it. */
function isOfContact({ contactId, opportunityId }: SourceEvent): boolean {
  return contactId !== null && opportunityId === null;
}

function withPrimary(subject: EventSubject): EventSubject {
  const contactId = subject.primaryContactId;
  return { ...subject, contactId, contact: contactId === null ? null : undefined };
}

async function ask(crm: Crm, organizationId: string, wanted: readonly Omit<Subject, "userIds">[]) {
  if (wanted.length === 0) return [];
  const subjects = wanted.map((subject) => ({ ...subject, userIds: [] }));
  return (await crm.getSubjects({ organizationId, subjects })).subjects;
}
