import type {
  ContactView,
  CrmChange,
  CrmReader,
  FindContactsResponse,
  LeadView,
  OpportunityView,
  SubjectView,
} from "@cadenza/contracts";
import { NO_CAUSATION } from "@cadenza/contracts";
import { derivedId, newId, realClock } from "@cadenza/platform";

const AT = "2026-01-05T09:00:00.000Z";
const STAMPS = { version: 1, createdAt: AT, updatedAt: AT, custom: {} };

/** What crm knows, as a test puts it: leads with their contacts, by organization. */
export class FakeCrm implements CrmReader {
  readonly leads = new Map<string, LeadView & { organizationId: string }>();
  readonly contacts = new Map<string, ContactView & { organizationId: string }>();
  readonly opportunities = new Map<string, OpportunityView & { organizationId: string }>();
  /** Calls of findContacts so far. */
  pages = 0;
  /** What is wrong with every `where`; null lets all contacts through it. */
  whereFault: FindContactsResponse["fault"] = null;

  /** A lead with so many contacts, called `<name> 0`, `<name> 1` … */
  addLead(
    organizationId: string,
    name: string,
    contacts = 1,
    fields: Partial<LeadView> = {},
  ): { leadId: string; contactIds: string[] } {
    const leadId = newId(realClock.now());
    const contactIds = Array.from({ length: contacts }, (_, i) => derivedId(new Date(AT), leadId, String(i)));
    for (const [i, id] of contactIds.entries())
      this.contacts.set(id, {
        ...STAMPS,
        organizationId,
        id,
        leadId,
        name: `${name} ${i}`,
        title: null,
        timeZone: null,
        emails: [],
        phones: [],
      });
    const status = { id: derivedId(new Date(AT), "status"), name: "New" };
    this.leads.set(leadId, {
      ...STAMPS,
      organizationId,
      id: leadId,
      name,
      description: null,
      url: null,
      status,
      contactIds,
      ...fields,
    });
    return { leadId, contactIds };
  }

  addOpportunity(
    organizationId: string,
    leadId: string,
    contactId: string | null,
    fields: Partial<OpportunityView> = {},
  ): string {
    const id = newId(realClock.now());
    const nothing = { userId: null, value: null, confidence: null, expectedCloseDate: null, note: null };
    const status = { id: derivedId(new Date(AT), "open"), name: "Open", kind: "OPEN" as const };
    this.opportunities.set(id, {
      ...STAMPS,
      ...nothing,
      organizationId,
      id,
      leadId,
      contactId,
      status,
      period: "ONE_TIME",
      ...fields,
    });
    return id;
  }

  getSubjects: CrmReader["getSubjects"] = async ({ organizationId, subjects }) => {
    const own = <T extends { organizationId: string }>(object: T | undefined): T | null =>
      object?.organizationId === organizationId ? object : null;
    return {
      organization: {
        id: organizationId,
        name: "Org",
        timeZone: "UTC",
        country: "DE",
        visibleUnsubscribeLink: true,
        customFieldNames: {},
      },
      subjects: subjects.map(
        ({ leadId, contactId, opportunityId }): SubjectView => ({
          lead: own(this.leads.get(leadId)),
          contact: contactId ? own(this.contacts.get(contactId)) : null,
          opportunity: opportunityId ? own(this.opportunities.get(opportunityId)) : null,
          users: [],
        }),
      ),
    };
  };

  findContacts: CrmReader["findContacts"] = async ({ organizationId, contactIds, filterJson, afterId, limit }) => {
    this.pages++;
    const filter = filterJson ? (JSON.parse(filterJson) as { leadIds?: string[]; where?: unknown }) : {};
    if (filter.where && this.whereFault) return { contacts: [], total: 0, fault: this.whereFault };
    const all = [...this.contacts.values()]
      .filter((contact) => contact.organizationId === organizationId)
      .filter(({ id, leadId }) => (contactIds?.includes(id) ?? true) && (filter.leadIds?.includes(leadId) ?? true))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = all.filter(({ id }) => id > (afterId ?? "")).slice(0, limit);
    return { contacts: page.map(({ id, leadId }) => ({ id, leadId })), total: all.length };
  };

  catalog: CrmReader["catalog"] = () => Promise.reject(new Error("not asked here"));
  findStalled: CrmReader["findStalled"] = async ({ organizationId, changedAfter, changedUntil, afterId, limit }) => {
    const open = [...this.opportunities.values()]
      .filter((opportunity) => opportunity.organizationId === organizationId && opportunity.status.kind === "OPEN")
      .sort((a, b) => (a.updatedAt + a.id < b.updatedAt + b.id ? -1 : 1));
    const isAfter = ({ id, updatedAt }: OpportunityView) =>
      updatedAt > changedAfter || (afterId !== null && updatedAt === changedAfter && id > afterId);
    return {
      opportunities: open.filter((one) => isAfter(one) && one.updatedAt <= changedUntil).slice(0, limit),
      nextChangedAt: open.find(({ updatedAt }) => updatedAt > changedUntil)?.updatedAt ?? null,
    };
  };

  checkReferences: CrmReader["checkReferences"] = async () => ({
    organizationTimeZone: "UTC",
    users: [],
    groups: [],
    customFields: [],
    leadStatusIds: [],
    opportunityStatusIds: [],
  });
}

/** The event of a change, as crm tells it. */
export function changeOf(
  object: CrmChange["object"],
  verb: CrmChange["verb"],
  ids: { id: string; leadId: string; contactId?: string | null },
  rest: Partial<CrmChange> = {},
): CrmChange {
  const at = realClock.now();
  return {
    key: newId(at),
    object,
    verb,
    contactId: null,
    version: 1,
    before: {},
    after: {},
    actor: { kind: "USER", id: derivedId(new Date(AT), "user"), label: "Ada" },
    causation: NO_CAUSATION,
    at,
    ...ids,
    ...rest,
  };
}
