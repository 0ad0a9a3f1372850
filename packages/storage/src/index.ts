export { connectDatabase, Database, type IndexDefinition } from "./database.ts";
export { isDatabaseOutage, isDuplicateKey } from "./database-errors.ts";
export {
  Binary,
  type BulkOperation,
  type Collation,
  type Collection,
  type Document,
  type Filter,
  type Session,
  type Sort,
  type Update,
} from "./driver.ts";
export { type OrganizationScope, organizationScope } from "./scope.ts";
export { shardOf } from "./shard-balance.ts";
export { type LeaseDocument, ShardLeases, type ShardLeaseOptions } from "./shard-leases.ts";
export { type FindOptions, TenantCollection, type TenantDocument, type WriteResult } from "./tenant-collection.ts";
export { TenantGuardError } from "./tenant-guard.ts";
