import type { IndexDefinition } from "@cadenza/storage";
import { IDEMPOTENCY_INDEXES } from "@cadenza/subgraph";
import { LAST_CHANGE_INDEX } from "./opportunities/store.ts";
import { ANY_CASE } from "./values/names.ts";
import { ACTIVITY_INDEXES } from "./activities/activity.ts";

const WEEK_SECONDS = 7 * 24 * 3600;
const list = { organizationId: 1, _id: 1 } as const;

/** All of the service's indexes. A document's `_id` is in the order of creation, so it sorts every list. */
export const INDEXES: readonly IndexDefinition[] = [
  ...IDEMPOTENCY_INDEXES,
  ...ACTIVITY_INDEXES,
  { collection: "organizations", key: list },
  { collection: "apiKeys", key: list },
  { collection: "apiKeys", key: { hash: 1 }, options: { unique: true } },
  { collection: "users", key: list },
  { collection: "users", key: { organizationId: 1, emailKey: 1 }, options: { unique: true } },
  { collection: "users", key: { organizationId: 1, searchTerms: 1 } },
  { collection: "users", key: { organizationId: 1, name: 1 }, options: { name: "byName", collation: ANY_CASE } },
  { collection: "groups", key: list },
  { collection: "groups", key: { organizationId: 1, nameKey: 1 }, options: { unique: true } },
  { collection: "groups", key: { organizationId: 1, memberIds: 1 } },
  { collection: "customFields", key: { organizationId: 1, object: 1, nameKey: 1 }, options: { unique: true } },
  { collection: "leadStatuses", key: { organizationId: 1, nameKey: 1 }, options: { unique: true } },
  { collection: "opportunityStatuses", key: { organizationId: 1, nameKey: 1 }, options: { unique: true } },
  { collection: "leads", key: list },
  { collection: "leads", key: { organizationId: 1, statusId: 1, _id: 1 } },
  { collection: "leads", key: { organizationId: 1, searchTerms: 1 } },
  { collection: "contacts", key: list },
  { collection: "contacts", key: { organizationId: 1, leadId: 1, _id: 1 } },
  { collection: "contacts", key: { organizationId: 1, searchTerms: 1 } },
  { collection: "opportunities", key: { organizationId: 1, leadId: 1, _id: 1 } },
  {
    collection: "opportunities",
    key: { organizationId: 1, statusId: 1, updatedAt: 1, _id: 1 },
    options: { name: LAST_CHANGE_INDEX },
  },
  {
    collection: "importJobs",
    key: { organizationId: 1, key: 1 },
    options: { unique: true, partialFilterExpression: { key: { $type: "string" } } },
  },
  { collection: "importJobs", key: { leaseUntil: 1 }, options: { partialFilterExpression: { status: "RUNNING" } } },
  { collection: "importChunks", key: { organizationId: 1, jobId: 1 } },
  // What an interrupted upload left behind.
  { collection: "importChunks", key: { createdAt: 1 }, options: { expireAfterSeconds: WEEK_SECONDS } },
];
