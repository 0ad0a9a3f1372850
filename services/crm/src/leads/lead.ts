import type { TenantDocument } from "@cadenza/storage";
import type { ChangedObject } from "../changes/crm-change.ts";
import { customFieldsOf, type Fields } from "../changes/diff.ts";
import type { CustomValues } from "../custom-fields/custom-field.ts";
import { searchTerms } from "../values/search-terms.ts";

export type Lead = TenantDocument & {
  name: string;
  description: string | null;
  url: string | null;
  statusId: string;
  custom: CustomValues;
  /** In their order; the first is the primary contact. */
  contactIds: string[];
  /** What a search finds it by: its own name, and `contactTerms`. */
  searchTerms: string[];
  /** Words of its contacts' names, addresses and numbers. */
  contactTerms: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

/** What a caller may set of a lead. */
export type LeadFields = Pick<Lead, "name" | "description" | "url" | "statusId" | "custom">;

export function newLead(
  fields: LeadFields,
  place: { _id: string; organizationId: string; at: Date; contactIds: string[]; contactTerms: string[] },
): Lead {
  const { at, ...own } = place;
  const terms = leadSearchTerms(fields.name, place.contactTerms);
  return { ...own, ...fields, searchTerms: terms, version: 1, createdAt: at, updatedAt: at };
}

export function leadSearchTerms(name: string, contactTerms: readonly string[]): string[] {
  return [...new Set([...searchTerms({ names: [name] }), ...contactTerms])];
}

export function fieldsOfLead(lead: LeadFields): Fields {
  const { name, description, url, statusId } = lead;
  return { name, description, url, status: statusId, ...customFieldsOf(lead.custom) };
}

/** @param before null for a lead that is new; `after` null for one that is gone. */
export function leadChange(before: Lead | null, after: Lead | null): ChangedObject {
  const lead = (after ?? before)!;
  return {
    object: "LEAD",
    id: lead._id,
    leadId: lead._id,
    contactId: null,
    version: after ? after.version : lead.version + 1,
    before: before && fieldsOfLead(before),
    after: after && fieldsOfLead(after),
  };
}
