import type { ContactView, CrmReader, LeadView, OrganizationView, UserView } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";

const AT = new Date("2026-01-05T09:00:00.000Z");

/** A crm that answers from what a test has put into it. */
export class ScriptedCrm implements CrmReader {
  readonly organization: OrganizationView;
  readonly users = new Map<string, UserView>();
  readonly leads = new Map<string, LeadView>();
  readonly contacts = new Map<string, ContactView>();
  calls = 0;

  constructor(organizationId: string) {
    this.organization = {
      id: organizationId,
      name: "Demo",
      timeZone: "Europe/Berlin",
      country: "DE",
      visibleUnsubscribeLink: false,
      customFieldNames: { "01FIELD": "Region" },
    };
  }

  user(values: Partial<UserView> = {}): UserView {
    const id = newId(AT);
    const user: UserView = {
      id,
      name: "Sam Sender",
      email: "sam@demo.test",
      role: "MEMBER",
      status: "ACTIVE",
      away: false,
      timeZone: null,
      ...values,
    };
    this.users.set(user.id, user);
    return user;
  }

  contact(values: Partial<ContactView> = {}, lead: Partial<LeadView> = {}): ContactView {
    const at = AT.toISOString();
    const [id, leadId] = [newId(AT), newId(AT)];
    const contact: ContactView = {
      id,
      leadId,
      version: 1,
      name: "Ada Lovelace",
      title: null,
      timeZone: null,
      emails: [`ada.${id.toLowerCase()}@example.com`],
      phones: [],
      custom: {},
      createdAt: at,
      updatedAt: at,
      ...values,
    };
    this.contacts.set(contact.id, contact);
    this.leads.set(leadId, {
      id: leadId,
      version: 1,
      name: "Acme",
      description: null,
      url: null,
      status: { id: "01STATUS", name: "New" },
      custom: { "01FIELD": "North" },
      contactIds: [id],
      createdAt: at,
      updatedAt: at,
      ...lead,
    });
    return contact;
  }

  getSubjects: CrmReader["getSubjects"] = async ({ organizationId, subjects }) => {
    this.calls += 1;
    const own = organizationId === this.organization.id;
    return {
      organization: this.organization,
      subjects: subjects.map(({ leadId, contactId, userIds }) => ({
        lead: (own && this.leads.get(leadId)) || null,
        contact: (own && contactId && this.contacts.get(contactId)) || null,
        opportunity: null,
        users: userIds.map((id) => (own && this.users.get(id)) || null),
      })),
    };
  };

  findContacts: CrmReader["findContacts"] = async ({ organizationId, contactIds }) => {
    const found = (contactIds ?? []).flatMap((id) => this.contacts.get(id) ?? []);
    const contacts = organizationId === this.organization.id ? found : [];
    return { contacts: contacts.map(({ id, leadId }) => ({ id, leadId })), total: contacts.length };
  };

  catalog: CrmReader["catalog"] = () => Promise.reject(new Error("not asked here"));
  findStalled: CrmReader["findStalled"] = () => Promise.reject(new Error("not asked here"));

  checkReferences: CrmReader["checkReferences"] = async ({ organizationId, userIds }) => {
    const found = organizationId === this.organization.id ? userIds.flatMap((id) => this.users.get(id) ?? []) : [];
    return {
      organizationTimeZone: this.organization.timeZone,
      users: found.map(({ id, status }) => ({ id, status })),
      groups: [],
      customFields: [],
      leadStatusIds: [],
      opportunityStatusIds: [],
    };
  };
}
