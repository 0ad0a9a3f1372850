import type { OrganizationScope } from "@cadenza/storage";
import DataLoader from "dataloader";
import type { Catalog } from "../catalog/catalog.ts";
import type { Contact } from "../contacts/contact.ts";
import type { Crm } from "../crm.ts";
import type { Group } from "../groups/group.ts";
import type { Lead } from "../leads/lead.ts";
import type { Opportunity } from "../opportunities/opportunity.ts";
import type { Organization } from "../organizations/organization.ts";
import type { User } from "../users/user.ts";

/** Reads of one request, batched, each object once, all within the caller's organization (API-3). */
export class Loaders {
  readonly users: DataLoader<string, User | null>;
  readonly groups: DataLoader<string, Group | null>;
  readonly groupsOfUser: DataLoader<string, Group[]>;
  readonly leads: DataLoader<string, Lead | null>;
  readonly contacts: DataLoader<string, Contact | null>;
  readonly opportunities: DataLoader<string, Opportunity | null>;
  readonly opportunitiesOfLead: DataLoader<string, Opportunity[]>;
  readonly #scope: OrganizationScope;
  readonly #crm: Crm;
  #catalog: Promise<Catalog> | undefined;

  constructor(scope: OrganizationScope, crm: Crm) {
    const { users, groups, leads, contacts, opportunities } = crm.stores;
    this.#scope = scope;
    this.#crm = crm;
    this.users = new DataLoader((ids) => users.findByIds(scope, ids));
    this.groups = new DataLoader((ids) => groups.collection.findByIds(scope, ids));
    this.groupsOfUser = new DataLoader((ids) => groups.ofUsers(scope, ids));
    this.leads = new DataLoader((ids) => leads.findByIds(scope, ids));
    this.contacts = new DataLoader((ids) => contacts.findByIds(scope, ids));
    this.opportunities = new DataLoader((ids) => opportunities.findByIds(scope, ids));
    this.opportunitiesOfLead = new DataLoader(async (leadIds) => {
      const byLead = Map.groupBy(await opportunities.ofLeads(scope, leadIds), ({ leadId }) => leadId);
      return leadIds.map((leadId) => byLead.get(leadId) ?? []);
    });
  }

  /** Fields and statuses of the organization. */
  catalog(): Promise<Catalog> {
    this.#catalog ??= this.#crm.catalogs.fresh(this.#scope);
    return this.#catalog;
  }

  organization(): Promise<Organization | null> {
    return this.#crm.stores.organizations.find(this.#scope);
  }
}
