import type { ContactView, CrmReader, LeadView, OrganizationView, UserView } from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";

export type ContactSubjects = {
  organization: OrganizationView;
  lead: LeadView;
  contact: ContactView;
  /** In the order asked for. */
  users: (UserView | null)[];
};

/** Contacts and users for what a person does. */
export class People {
  readonly #crm: CrmReader;

  constructor(crm: CrmReader) {
    this.#crm = crm;
  }

  /** A contact with its lead, and users beside; null where there is no such contact. */
  async ofContact(scope: OrganizationScope, contactId: string, userIds: string[]): Promise<ContactSubjects | null> {
    if (!isId(contactId)) return null;
    const { organizationId } = scope;
    const found = await this.#crm.findContacts({
      organizationId,
      contactIds: [contactId],
      filterJson: null,
      afterId: null,
      limit: 1,
    });
    const leadId = found.contacts[0]?.leadId;
    if (leadId === undefined) return null;
    const subjects = [{ leadId, contactId, opportunityId: null, userIds }];
    const response = await this.#crm.getSubjects({ organizationId, subjects });
    const subject = response.subjects[0];
    if (!subject?.lead || !subject.contact) return null;
    const { lead, contact, users } = subject;
    return { organization: response.organization, lead, contact, users };
  }

  /** Ids of those that are no active users of the organization. */
  async notActive(scope: OrganizationScope, userIds: readonly string[]): Promise<string[]> {
    if (userIds.length === 0) return [];
    const asked = userIds.filter(isId);
    const { users } = await this.#crm.checkReferences({
      organizationId: scope.organizationId,
      userIds: asked,
      groupIds: [],
      customFieldIds: [],
      leadStatusIds: [],
    });
    const active = new Set(users.filter(({ status }) => status === "ACTIVE").map(({ id }) => id));
    return userIds.filter((id) => !active.has(id));
  }
}
