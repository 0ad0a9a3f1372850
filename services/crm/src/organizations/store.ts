import type { Collection, Database, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { ApiKey, Organization } from "./organization.ts";

export class OrganizationStore {
  readonly organizations: TenantCollection<Organization>;
  readonly apiKeys: TenantCollection<ApiKey>;
  readonly #keysByHash: Collection<ApiKey>;

  constructor(database: Database) {
    this.organizations = database.tenant("organizations");
    this.apiKeys = database.tenant("apiKeys");
    this.#keysByHash = database.system("apiKeys", "A key's hash tells which organization its bearer belongs to.");
  }

  /** The scope's own organization; null where it was never created. */
  find(scope: OrganizationScope, session?: Session): Promise<Organization | null> {
    return this.organizations.findOne(scope, { _id: scope.organizationId }, session);
  }

  /** Newest first, revoked ones too. */
  listApiKeys(scope: OrganizationScope): Promise<ApiKey[]> {
    return this.apiKeys.find(scope, {}, { sort: { _id: -1 } });
  }

  /** The unrevoked key with this hash, of whichever organization. */
  findApiKeyByHash(hash: string): Promise<ApiKey | null> {
    return this.#keysByHash.findOne({ hash, revokedAt: null });
  }
}
