import type { Committer } from "@cadenza/messaging";
import { realClock } from "@cadenza/platform";
import type { Database } from "@cadenza/storage";
import { ActivityService } from "./activities/service.ts";
import { ActivityStore } from "./activities/store.ts";
import { Catalogs } from "./catalog/catalogs.ts";
import { CrmWriter } from "./changes/crm-writer.ts";
import { ReadingFactsSource } from "./changes/reading-facts.ts";
import { ContactService } from "./contacts/service.ts";
import { ContactStore } from "./contacts/store.ts";
import { CustomFieldService } from "./custom-fields/service.ts";
import { GroupService } from "./groups/service.ts";
import { GroupStore } from "./groups/store.ts";
import { ImportService } from "./imports/service.ts";
import { ImportStore } from "./imports/store.ts";
import { LeadService } from "./leads/service.ts";
import { LeadStore } from "./leads/store.ts";
import { MergeService } from "./merging/service.ts";
import { MergeStore } from "./merging/store.ts";
import { OpportunityService } from "./opportunities/service.ts";
import { OpportunityStore } from "./opportunities/store.ts";
import { OrganizationService } from "./organizations/service.ts";
import { OrganizationStore } from "./organizations/store.ts";
import { StatusService } from "./statuses/service.ts";
import { UserService } from "./users/service.ts";
import { UserStore } from "./users/store.ts";

export type Crm = ReturnType<typeof createCrm>;

/** The stores and services of the domain, wired together; every way in (graph, gRPC, bus, imports) goes through them. */
export function createCrm(database: Database, committer: Committer) {
  const leads = new LeadStore(database);
  const stores = {
    organizations: new OrganizationStore(database),
    users: new UserStore(database),
    groups: new GroupStore(database),
    leads,
    contacts: new ContactStore(database, leads),
    opportunities: new OpportunityStore(database),
    activities: new ActivityStore(database),
    merges: new MergeStore(database),
    imports: new ImportStore(database),
  };
  const catalogs = new Catalogs(database, realClock);
  const writer = new CrmWriter(committer);
  const facts = new ReadingFactsSource(catalogs, stores.organizations, stores.users);
  const parts = { ...stores, writer, facts };
  return {
    stores,
    catalogs,
    committer,
    organizations: new OrganizationService(writer, stores.organizations),
    users: new UserService(writer, stores.users),
    groups: new GroupService(writer, stores.groups, stores.users),
    customFields: new CustomFieldService(writer, database, catalogs),
    statuses: new StatusService(writer, database, catalogs),
    leads: new LeadService(parts),
    contacts: new ContactService(parts),
    opportunities: new OpportunityService(parts),
    merging: new MergeService(parts),
    activities: new ActivityService(parts),
    imports: new ImportService({ committer, catalogs, imports: stores.imports }),
  };
}
