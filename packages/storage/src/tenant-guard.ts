import type { Collection, Document } from "./driver.ts";

/** A query on a tenant collection that names no organization. Always a mistake in the program; it never reaches the database. */
export class TenantGuardError extends Error {
  constructor(collection: string, operation: string) {
    super(
      `${operation} on "${collection}" names no organization. Go through a TenantCollection with an OrganizationScope.`,
    );
    this.name = "TenantGuardError";
  }
}

/** Operations whose first argument is a filter. */
const FILTERED: ReadonlySet<PropertyKey> = new Set([
  "find",
  "findOne",
  "findOneAndUpdate",
  "findOneAndDelete",
  "findOneAndReplace",
  "updateOne",
  "updateMany",
  "replaceOne",
  "deleteOne",
  "deleteMany",
  "countDocuments",
  "distinct",
]);
/** Operations that are never for one tenant, or cannot be judged. */
const REFUSED: ReadonlySet<PropertyKey> = new Set([
  "estimatedDocumentCount",
  "drop",
  "rename",
  "watch",
  "mapReduce",
  "initializeOrderedBulkOp",
  "initializeUnorderedBulkOp",
]);

/** The driver's collection, refusing at run time whatever does not say which organization it is for. */
export function guardTenancy<T extends Document>(collection: Collection<T>): Collection<T> {
  const name = collection.collectionName;
  const requireScope = (operation: PropertyKey, value: unknown): void => {
    if (!namesOrganization(value)) throw new TenantGuardError(name, String(operation));
  };
  return new Proxy(collection, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (REFUSED.has(property)) throw new TenantGuardError(name, String(property));
        if (property === "distinct") requireScope(property, args[1]);
        else if (FILTERED.has(property)) requireScope(property, args[0]);
        else if (property === "insertOne") requireScope(property, args[0]);
        else if (property === "insertMany")
          for (const document of args[0] as unknown[]) requireScope(property, document);
        else if (property === "aggregate") requireScope(property, (args[0] as { $match?: unknown }[])[0]?.$match);
        else if (property === "bulkWrite")
          for (const operation of args[0] as object[]) requireScope(property, scopeOfBulk(operation));
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function namesOrganization(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { organizationId?: unknown }).organizationId === "string"
  );
}

function scopeOfBulk(operation: object): unknown {
  const [body] = Object.values(operation) as { filter?: unknown; document?: unknown }[];
  return body?.filter ?? body?.document;
}
