import type { Clock } from "@cadenza/platform";
import type { Database, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { CustomField } from "../custom-fields/custom-field.ts";
import type { LeadStatus, OpportunityStatus } from "../statuses/status.ts";
import { Catalog } from "./catalog.ts";

/** How long a catalog may be reused by readers that look again when they miss something. */
const KEPT_MS = 5000;
const MAX_KEPT = 1000;

/** Reads catalogs. Fields and statuses are only ever added, so an older catalog lacks things but holds nothing false. */
export class Catalogs {
  readonly #fields: TenantCollection<CustomField>;
  readonly #leadStatuses: TenantCollection<LeadStatus>;
  readonly #opportunityStatuses: TenantCollection<OpportunityStatus>;
  readonly #kept = new Map<string, { catalog: Catalog; until: number }>();
  readonly #clock: Clock;

  /** @param clock a real one: caches live on real time. */
  constructor(database: Database, clock: Clock) {
    this.#fields = database.tenant("customFields");
    this.#leadStatuses = database.tenant("leadStatuses");
    this.#opportunityStatuses = database.tenant("opportunityStatuses");
    this.#clock = clock;
  }

  /** As it stands, within the session's snapshot where one is given. */
  async fresh(scope: OrganizationScope, session?: Session): Promise<Catalog> {
    const byId = { sort: { _id: 1 } } as const;
    if (session) {
      // One after the other: a transaction's operations must not overlap.
      const fields = await this.#fields.find(scope, {}, byId, session);
      const leadStatuses = await this.#leadStatuses.find(scope, {}, byId, session);
      return new Catalog(fields, leadStatuses, await this.#opportunityStatuses.find(scope, {}, byId, session));
    }
    const [fields, leadStatuses, opportunityStatuses] = await Promise.all([
      this.#fields.find(scope, {}, byId),
      this.#leadStatuses.find(scope, {}, byId),
      this.#opportunityStatuses.find(scope, {}, byId),
    ]);
    const catalog = new Catalog(fields, leadStatuses, opportunityStatuses);
    this.#keep(scope, catalog);
    return catalog;
  }

  /** A catalog of the last seconds: whoever misses something in it asks for a fresh one. */
  async recent(scope: OrganizationScope): Promise<Catalog> {
    const kept = this.#kept.get(scope.organizationId);
    if (kept && kept.until > this.#clock.now().getTime()) return kept.catalog;
    return this.fresh(scope);
  }

  forget(scope: OrganizationScope): void {
    this.#kept.delete(scope.organizationId);
  }

  #keep(scope: OrganizationScope, catalog: Catalog): void {
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(scope.organizationId, { catalog, until: this.#clock.now().getTime() + KEPT_MS });
  }
}
