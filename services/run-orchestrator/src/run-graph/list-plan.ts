import type { Filter } from "@cadenza/storage";
import { RUN_STATUSES, type Run } from "../runs/model.ts";
import { type RunFilter, toQuery } from "./run-filter.ts";

/**
 * How a list is read: by one index that has everything the filter narrows most, then the start, so that a page is read from
 * the index in its order and costs the same among a million runs (PERF-8).
 */
export type ListPlan = {
  index: string;
  /** Where the index is: with the runs, or with their places, which have all that such a filter asks for. */
  collection: "runs" | "runPlaces";
  /** The whole filter, as this index serves it. */
  query: Filter<Run>;
  /** The same in parts, each of which the index gives in order; together they find each run at least once. */
  parts: Filter<Run>[];
};

/** MongoDB merges at most 200 sorted scans (internalQueryMaxScansToExplode); of more it would read and sort everything. */
const MAX_SCANS = 128;
/** Of more parts than this, reading the index in its order and looking at each run is less work. */
const MAX_PARTS = 64;

type Field = "workflowId" | "leadId" | "contactId" | "currentStepId" | "reasonCodes" | "status";
type Index = { name: string; fields: readonly Field[] };

export function planOf(filter: RunFilter): ListPlan {
  const query = toQuery(filter) as Record<string, unknown>;
  if (Object.values(filter).some((list) => Array.isArray(list) && list.length === 0))
    return { index: "_id_", collection: "runs", query: query as Filter<Run>, parts: [] };
  // They are 1,000 at most, read by their ids and sorted.
  if (filter.ids)
    return { index: "_id_", collection: "runs", query: query as Filter<Run>, parts: [query as Filter<Run>] };
  for (const { name, fields } of indexesFor(filter)) {
    const values = new Map(fields.map((field) => [field, valuesOf(field, filter)]));
    const lots = lotsOf(values);
    if (lots.length > MAX_PARTS) continue;
    const narrowed = Object.fromEntries([...values].map(([field, all]) => [field, { $in: [...all] }]));
    return {
      index: name,
      collection: name === "ofStep" ? "runPlaces" : "runs",
      query: { ...query, ...narrowed } as Filter<Run>,
      parts: lots.map((lot) => {
        const here = [...lot].map(([field, some]) => [field, { $in: [...some] }] as const);
        return { ...query, ...Object.fromEntries(here) } as Filter<Run>;
      }),
    };
  }
  return { index: "newest", collection: "runs", query: query as Filter<Run>, parts: [query as Filter<Run>] };
}

/** The best first; another one where the best would take too many scans. */
function indexesFor(filter: RunFilter): Index[] {
  const indexes: Index[] = [];
  if (filter.contactIds) indexes.push({ name: "ofContact", fields: ["contactId"] });
  if (filter.leadIds) indexes.push({ name: "ofLead", fields: ["leadId"] });
  // Reasons are the rarer ones, and stand with the runs; steps do not.
  if (filter.currentStepIds && !filter.reasonCodes)
    indexes.push({ name: "ofStep", fields: ["currentStepId", "status"] });
  if (filter.reasonCodes && filter.workflowIds)
    indexes.push({ name: "ofWorkflowReason", fields: ["workflowId", "reasonCodes", "status"] });
  if (filter.reasonCodes) indexes.push({ name: "ofReason", fields: ["reasonCodes", "status"] });
  if (filter.workflowIds) indexes.push({ name: "ofWorkflow", fields: ["workflowId", "status"] });
  if (filter.status) indexes.push({ name: "ofStatus", fields: ["status"] });
  return indexes;
}

function valuesOf(field: Field, filter: RunFilter): readonly string[] {
  const lists = {
    workflowId: filter.workflowIds,
    leadId: filter.leadIds,
    contactId: filter.contactIds,
    currentStepId: filter.currentStepIds,
    reasonCodes: filter.reasonCodes,
    status: filter.status ?? RUN_STATUSES,
  };
  return [...new Set(lists[field] ?? [])];
}

/** The product of all values, cut along its fields into lots of at most `MAX_SCANS`. */
function lotsOf(values: ReadonlyMap<Field, readonly string[]>): Map<Field, readonly string[]>[] {
  let lots: Map<Field, readonly string[]>[] = [new Map()];
  let room = MAX_SCANS;
  // The last field is the shortest: it is cut last.
  for (const [field, all] of [...values].toReversed()) {
    const size = Math.max(1, Math.min(all.length, room));
    room = Math.max(1, Math.floor(room / size));
    const cut = Array.from({ length: Math.max(1, Math.ceil(all.length / size)) }, (_, i) =>
      all.slice(i * size, (i + 1) * size),
    );
    lots = lots.flatMap((lot) => cut.map((some) => new Map([...lot, [field, some]])));
  }
  return lots;
}
