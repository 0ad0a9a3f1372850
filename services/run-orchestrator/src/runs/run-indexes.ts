import type { IndexDefinition } from "@cadenza/storage";

/** Before every alarm. Named in the index and in each query, because only then does MongoDB see that the one serves the other. */
export const EVER = new Date(0);

/**
 * No index of `runs` may have a field that changes with every step: one changed field costs the keys of all of them.
 * What does change so stands in `runPlaces`.
 */
export const RUN_INDEXES: IndexDefinition[] = [
  {
    collection: "runPlaces",
    key: { shard: 1, wakeAt: 1 },
    options: { name: "due", partialFilterExpression: { wakeAt: { $gte: EVER } } },
  },
  {
    collection: "runs",
    key: { organizationId: 1, workflowId: 1, contactId: 1 },
    options: { name: "oneOpenRun", unique: true, partialFilterExpression: { open: true } },
  },
  {
    collection: "runs",
    key: { organizationId: 1, exclusivityGroup: 1, contactId: 1 },
    options: {
      name: "oneOpenRunOfGroup",
      unique: true,
      partialFilterExpression: { open: true, exclusivityGroup: { $type: "string" } },
    },
  },
  {
    collection: "runs",
    key: { organizationId: 1, workflowId: 1, contactId: 1, ordinal: 1 },
    options: { name: "ordinal", unique: true },
  },
  { collection: "runs", key: { organizationId: 1, startedAt: -1, _id: -1 }, options: { name: "newest" } },
  {
    collection: "runs",
    key: { organizationId: 1, workflowId: 1, status: 1, startedAt: -1, _id: -1 },
    options: { name: "ofWorkflow" },
  },
  { collection: "runs", key: { organizationId: 1, leadId: 1, startedAt: -1, _id: -1 }, options: { name: "ofLead" } },
  {
    collection: "runs",
    key: { organizationId: 1, contactId: 1, startedAt: -1, _id: -1 },
    options: { name: "ofContact" },
  },
  {
    collection: "runs",
    key: { organizationId: 1, open: 1, leadId: 1, _id: 1, workflowId: 1 },
    options: { name: "openOfLead", partialFilterExpression: { open: true } },
  },
  // A page of every list the run filter can ask for is read from one of these, in its order (RUN-8, PERF-8).
  {
    collection: "runs",
    key: { organizationId: 1, status: 1, startedAt: -1, _id: -1 },
    options: { name: "ofStatus" },
  },
  {
    collection: "runPlaces",
    key: { organizationId: 1, currentStepId: 1, status: 1, startedAt: -1, _id: -1 },
    options: { name: "ofStep", partialFilterExpression: { currentStepId: { $gt: "" } } },
  },
  {
    collection: "runs",
    key: { organizationId: 1, reasonCodes: 1, status: 1, startedAt: -1, _id: -1 },
    options: { name: "ofReason", partialFilterExpression: { reasonCodes: { $gt: "" } } },
  },
  {
    collection: "runs",
    key: { organizationId: 1, workflowId: 1, reasonCodes: 1, status: 1, startedAt: -1, _id: -1 },
    options: { name: "ofWorkflowReason", partialFilterExpression: { reasonCodes: { $gt: "" } } },
  },
  { collection: "runTransitions", key: { organizationId: 1, runId: 1, at: 1 }, options: { name: "ofRun" } },
];
