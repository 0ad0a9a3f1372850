import { addressKey, type Channel, type SuppressionDocument, SUPPRESSIONS_COLLECTION } from "@cadenza/sending";
import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

export type SuppressionSearch = {
  channel: Channel | null;
  address: string | null;
  after: string | null;
  limit: number;
};

export class SuppressionStore {
  readonly #suppressions: TenantCollection<SuppressionDocument>;

  constructor(database: Database) {
    this.#suppressions = database.tenant(SUPPRESSIONS_COLLECTION);
  }

  /** By address, in lower case. */
  async findByAddresses(
    scope: OrganizationScope,
    channel: Channel,
    addresses: readonly string[],
    session?: Session,
  ): Promise<Map<string, SuppressionDocument>> {
    const keys = [...new Set(addresses.map(addressKey))];
    if (keys.length === 0) return new Map();
    const filter = { channel, address: { $in: keys } } as Filter<SuppressionDocument>;
    const found = await this.#suppressions.find(scope, filter, {}, session);
    return new Map(found.map((suppression) => [suppression.address, suppression]));
  }

  async search(scope: OrganizationScope, search: SuppressionSearch): Promise<SuppressionDocument[]> {
    const filter = {
      ...(search.channel ? { channel: search.channel } : {}),
      ...(search.address ? { address: addressKey(search.address) } : {}),
      ...(search.after ? { _id: { $lt: search.after } } : {}),
    } as Filter<SuppressionDocument>;
    return this.#suppressions.find(scope, filter, { sort: { _id: -1 }, limit: search.limit });
  }

  async insert(scope: OrganizationScope, suppression: SuppressionDocument, session: Session): Promise<void> {
    await this.#suppressions.insertMany(scope, [suppression], session);
  }

  async delete(scope: OrganizationScope, id: string, session: Session): Promise<void> {
    await this.#suppressions.deleteMany(scope, { _id: id }, session);
  }
}
