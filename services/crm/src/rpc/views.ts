import type { ContactView, CustomFieldView, LeadView, OpportunityView, OrganizationView } from "@cadenza/contracts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Contact } from "../contacts/contact.ts";
import type { CustomField } from "../custom-fields/custom-field.ts";
import type { Lead } from "../leads/lead.ts";
import type { Opportunity } from "../opportunities/opportunity.ts";
import type { Organization } from "../organizations/organization.ts";

/** What other services, and templates, see of the CRM's documents. */

export function organizationView(organization: Organization, catalog: Catalog): OrganizationView {
  const { _id: id, name, timeZone, country, settings } = organization;
  const { visibleUnsubscribeLink } = settings;
  return { id, name, timeZone, country, visibleUnsubscribeLink, customFieldNames: catalog.fieldNames };
}

export function leadView(lead: Lead, catalog: Catalog): LeadView {
  const { _id: id, version, name, description, url, statusId, custom, contactIds } = lead;
  const status = { id: statusId, name: catalog.leadStatus(statusId)?.name ?? "" };
  return { id, version, name, description, url, status, custom, contactIds, ...instants(lead) };
}

export function contactView(contact: Contact): ContactView {
  const { _id: id, leadId, version, name, title, timeZone, emails, phones, custom } = contact;
  return { id, leadId, version, name, title, timeZone, emails, phones, custom, ...instants(contact) };
}

export function opportunityView(opportunity: Opportunity, catalog: Catalog): OpportunityView {
  const { _id: id, leadId, contactId, userId, version, statusId, value, period, confidence } = opportunity;
  const { expectedCloseDate, note, custom } = opportunity;
  const known = catalog.opportunityStatus(statusId);
  const status = { id: statusId, name: known?.name ?? "", kind: known?.kind ?? "OPEN" };
  const own = { id, leadId, contactId, userId, version, status, value, period, confidence, expectedCloseDate, note };
  return { ...own, custom, ...instants(opportunity) };
}

export function customFieldView(field: CustomField): CustomFieldView {
  const { _id: id, object, name, type, multiple, choices } = field;
  return { id, object, name, type, multiple, choices };
}

function instants({ createdAt, updatedAt }: { createdAt: Date; updatedAt: Date }) {
  return { createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
