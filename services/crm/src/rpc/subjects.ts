import type { GetSubjectsRequest, GetSubjectsResponse } from "@cadenza/contracts";
import { CadenzaError } from "@cadenza/platform";
import { type OrganizationScope, organizationScope } from "@cadenza/storage";
import type { Catalog } from "../catalog/catalog.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { ContactStore } from "../contacts/store.ts";
import type { Lead } from "../leads/lead.ts";
import type { LeadStore } from "../leads/store.ts";
import type { Opportunity } from "../opportunities/opportunity.ts";
import { currentPlaces } from "../merging/current-places.ts";
import type { MergeStore } from "../merging/store.ts";
import type { OpportunityStore } from "../opportunities/store.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { UserStore } from "../users/store.ts";
import { userView } from "../users/user.ts";
import { contactView, leadView, opportunityView, organizationView } from "./views.ts";

export type SubjectStores = {
  organizations: OrganizationStore;
  users: UserStore;
  leads: LeadStore;
  contacts: ContactStore;
  opportunities: OpportunityStore;
  merges: MergeStore;
};

/** Leads, contacts, opportunities and users by id, one read for each kind, however many subjects there are. */
export async function getSubjects(
  stores: SubjectStores,
  catalogs: Catalogs,
  request: GetSubjectsRequest,
): Promise<GetSubjectsResponse> {
  const answer = await readSubjects(stores, catalogs, request);
  if (!request.followMerges) return answer;
  const { organizationId, subjects } = request;
  const isMissing = (index: number) => {
    const { lead, contact } = answer.subjects[index]!;
    return !lead || (subjects[index]!.contactId !== null && !contact);
  };
  const missing = subjects.flatMap((subject, index) => (isMissing(index) ? [{ subject, index }] : []));
  if (missing.length === 0) return answer;
  const asked = missing.map(({ subject }) => subject);
  const current = await currentPlaces(stores, organizationScope(organizationId), asked);
  const found = (await readSubjects(stores, catalogs, { organizationId, subjects: current })).subjects;
  for (const [order, { index }] of missing.entries()) answer.subjects[index] = found[order]!;
  return answer;
}

async function readSubjects(
  stores: SubjectStores,
  catalogs: Catalogs,
  { organizationId, subjects }: Omit<GetSubjectsRequest, "followMerges">,
): Promise<GetSubjectsResponse> {
  const scope = organizationScope(organizationId);
  const ids = (pick: (subject: (typeof subjects)[number]) => readonly (string | null)[]) => [
    ...new Set(subjects.flatMap(pick).filter((id) => id !== null)),
  ];
  const [organization, leads, contacts, opportunities, users] = await Promise.all([
    stores.organizations.find(scope),
    byId(
      stores.leads.findByIds(
        scope,
        ids(({ leadId }) => [leadId]),
      ),
    ),
    byId(
      stores.contacts.findByIds(
        scope,
        ids(({ contactId }) => [contactId]),
      ),
    ),
    byId(
      stores.opportunities.findByIds(
        scope,
        ids(({ opportunityId }) => [opportunityId]),
      ),
    ),
    byId(
      stores.users.findByIds(
        scope,
        ids(({ userIds }) => userIds),
      ),
    ),
  ]);
  if (!organization) throw new CadenzaError("NOT_FOUND", "There is no such organization.");
  const catalog = await catalogFor(catalogs, scope, [...leads.values()], [...opportunities.values()]);
  return {
    organization: organizationView(organization, catalog),
    subjects: subjects.map(({ leadId, contactId, opportunityId, userIds }) => {
      const [lead, contact, opportunity] = [
        leads.get(leadId),
        contacts.get(contactId!),
        opportunities.get(opportunityId!),
      ];
      return {
        lead: lead ? leadView(lead, catalog) : null,
        contact: contact ? contactView(contact) : null,
        opportunity: opportunity ? opportunityView(opportunity, catalog) : null,
        users: userIds.map((id) => (users.has(id) ? userView(users.get(id)!) : null)),
      };
    }),
  };
}

/** A recent catalog, unless the documents hold something younger. */
async function catalogFor(
  catalogs: Catalogs,
  scope: OrganizationScope,
  leads: readonly Lead[],
  opportunities: readonly Opportunity[],
): Promise<Catalog> {
  const catalog = await catalogs.recent(scope);
  const isKnown =
    leads.every((lead) => catalog.leadStatus(lead.statusId) && knowsFields(catalog, lead.custom)) &&
    opportunities.every((deal) => catalog.opportunityStatus(deal.statusId) && knowsFields(catalog, deal.custom));
  return isKnown ? catalog : catalogs.fresh(scope);
}

function knowsFields(catalog: Catalog, custom: Record<string, unknown>): boolean {
  return Object.keys(custom).every((id) => catalog.fields.has(id));
}

async function byId<T extends { _id: string }>(found: Promise<(T | null)[]>): Promise<Map<string, T>> {
  return new Map((await found).filter((document) => document !== null).map((document) => [document._id, document]));
}
