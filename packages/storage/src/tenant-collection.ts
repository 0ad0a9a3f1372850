import type { BulkOperation, Collation, Collection, Document, Filter, Session, Sort, Update } from "./driver.ts";
import type { OrganizationScope } from "./scope.ts";

/** What every document of a tenant carries. */
export type TenantDocument = { _id: string; organizationId: string };

/** `sort`, `skip`, `limit`, `projection`, `collation` as MongoDB's; no limit by default. */
export type FindOptions = {
  sort?: Sort;
  skip?: number;
  limit?: number;
  projection?: Document;
  hint?: string;
  collation?: Collation;
};
export type WriteResult = { matched: number; modified: number };

/** A collection whose every operation is for one organization: the scope comes first, the session last. */
export class TenantCollection<T extends TenantDocument> {
  readonly name: string;
  readonly #collection: Collection<T>;

  constructor(guarded: Collection<T>) {
    this.#collection = guarded;
    this.name = guarded.collectionName;
  }

  async find(scope: OrganizationScope, filter: Filter<T>, options: FindOptions = {}, session?: Session): Promise<T[]> {
    return (await this.#collection.find(within(scope, filter), { ...options, ...inSession(session) }).toArray()) as T[];
  }

  async findOne(scope: OrganizationScope, filter: Filter<T>, session?: Session): Promise<T | null> {
    return (await this.#collection.findOne(within(scope, filter), inSession(session))) as T | null;
  }

  /** In the order of `ids`; null where the organization has none with that id. */
  async findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(T | null)[]> {
    if (ids.length === 0) return [];
    const found = await this.find(scope, { _id: { $in: [...new Set(ids)] } } as Filter<T>, {}, session);
    const byId = new Map(found.map((document) => [document._id, document]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** @throws a duplicate key error (see `isDuplicateKey`). */
  async insertMany(scope: OrganizationScope, documents: readonly T[], session?: Session): Promise<void> {
    if (documents.length === 0) return;
    for (const document of documents) assertOwn(scope, document.organizationId);
    await this.#collection.insertMany(documents as Parameters<Collection<T>["insertMany"]>[0], {
      ordered: true,
      ...inSession(session),
    });
  }

  async updateOne(
    scope: OrganizationScope,
    filter: Filter<T>,
    update: Update<T>,
    session?: Session,
    options: { upsert?: boolean } = {},
  ): Promise<WriteResult> {
    const result = await this.#collection.updateOne(within(scope, filter), update, {
      ...options,
      ...inSession(session),
    });
    return { matched: result.matchedCount, modified: result.modifiedCount + result.upsertedCount };
  }

  async updateMany(
    scope: OrganizationScope,
    filter: Filter<T>,
    update: Update<T>,
    session?: Session,
  ): Promise<WriteResult> {
    const result = await this.#collection.updateMany(within(scope, filter), update, inSession(session));
    return { matched: result.matchedCount, modified: result.modifiedCount };
  }

  /** The document after the update; null where nothing matched. */
  async findOneAndUpdate(
    scope: OrganizationScope,
    filter: Filter<T>,
    update: Update<T>,
    session?: Session,
    options: { upsert?: boolean } = {},
  ): Promise<T | null> {
    return (await this.#collection.findOneAndUpdate(within(scope, filter), update, {
      returnDocument: "after",
      ...options,
      ...inSession(session),
    })) as T | null;
  }

  async deleteMany(scope: OrganizationScope, filter: Filter<T>, session?: Session): Promise<number> {
    return (await this.#collection.deleteMany(within(scope, filter), inSession(session))).deletedCount;
  }

  /** Every filter is narrowed to the scope; every inserted document must be of it. Unordered, so that one round trip carries all. */
  async bulkWrite(
    scope: OrganizationScope,
    operations: readonly BulkOperation<T>[],
    session?: Session,
  ): Promise<WriteResult> {
    if (operations.length === 0) return { matched: 0, modified: 0 };
    const scoped = operations.map((operation) => scopeOperation(scope, operation));
    const result = await this.#collection.bulkWrite(scoped, { ordered: false, ...inSession(session) });
    return { matched: result.matchedCount, modified: result.modifiedCount + result.upsertedCount };
  }

  async count(
    scope: OrganizationScope,
    filter: Filter<T>,
    options: { limit?: number; hint?: string } = {},
  ): Promise<number> {
    return this.#collection.countDocuments(within(scope, filter), options);
  }

  /** A `$match` on the organization is put in front of the pipeline. */
  async aggregate<R extends Document>(
    scope: OrganizationScope,
    pipeline: readonly Document[],
    session?: Session,
  ): Promise<R[]> {
    const scoped = [{ $match: { organizationId: scope.organizationId } }, ...pipeline];
    return this.#collection.aggregate<R>(scoped, inSession(session)).toArray();
  }
}

function within<T>(scope: OrganizationScope, filter: Filter<T>): Filter<T> {
  return { ...filter, organizationId: scope.organizationId } as Filter<T>;
}

function inSession(session: Session | undefined): { session?: Session } {
  return session ? { session } : {};
}

function assertOwn(scope: OrganizationScope, organizationId: string): void {
  if (organizationId !== scope.organizationId)
    throw new Error("A document of another organization was about to be written.");
}

function scopeOperation<T extends TenantDocument>(
  scope: OrganizationScope,
  operation: BulkOperation<T>,
): BulkOperation<T> {
  const [[kind, body]] = Object.entries(operation) as [[string, { filter?: Filter<T>; document?: T }]];
  if (body.document) {
    assertOwn(scope, body.document.organizationId);
    return operation;
  }
  return { [kind]: { ...body, filter: within(scope, body.filter ?? {}) } } as unknown as BulkOperation<T>;
}
