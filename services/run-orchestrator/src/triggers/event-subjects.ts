import type { ContactView, CrmChange, CrmReader, LeadView, OpportunityView } from "@cadenza/contracts";

/** What a change is about, as it is at this moment; null where it does not exist any more. */
export type EventSubject = {
  lead: LeadView | null;
  opportunity: OpportunityView | null;
  /** The event's contact, else the lead's primary one. */
  contact: ContactView | null;
  /** The lead's primary contact. */
  primaryContactId: string | null;
};

/** Read in one call for all changes, and one more for the primary contacts that the first one names. */
export async function readSubjects(
  crm: Pick<CrmReader, "getSubjects">,
  organizationId: string,
  changes: readonly CrmChange[],
): Promise<Map<CrmChange, EventSubject>> {
  if (changes.length === 0) return new Map();
  const ask = async (subjects: { leadId: string; contactId: string | null; opportunityId: string | null }[]) =>
    subjects.length > 0
      ? (await crm.getSubjects({ organizationId, subjects: subjects.map((subject) => ({ ...subject, userIds: [] })) }))
          .subjects
      : [];
  const first = await ask(
    changes.map((change) => ({
      leadId: change.leadId,
      contactId: change.object === "CONTACT" ? change.id : change.contactId,
      opportunityId: change.object === "OPPORTUNITY" ? change.id : null,
    })),
  );
  const subjects = new Map(
    changes.map((change, i): [CrmChange, EventSubject] => {
      const { lead = null, contact = null, opportunity = null } = first[i] ?? {};
      return [change, { lead, contact, opportunity, primaryContactId: lead?.contactIds[0] ?? null }];
    }),
  );
  const wanting = changes.filter((change) => {
    const subject = subjects.get(change)!;
    return change.object !== "CONTACT" && !subject.contact && subject.primaryContactId;
  });
  const primary = await ask(
    wanting.map((change) => ({
      leadId: change.leadId,
      contactId: subjects.get(change)!.primaryContactId,
      opportunityId: null,
    })),
  );
  for (const [i, change] of wanting.entries())
    subjects.set(change, { ...subjects.get(change)!, contact: primary[i]?.contact ?? null });
  return subjects;
}
