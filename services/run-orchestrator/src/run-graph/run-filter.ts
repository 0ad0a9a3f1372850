import type { Filter } from "@cadenza/storage";
import { badUserInput, checkText } from "@cadenza/subgraph";
import type { Run, RunStatus } from "../runs/model.ts";

/** As in the graph. A list that is left out narrows nothing, an empty one finds nothing. */
export type RunFilter = {
  ids?: readonly string[] | null;
  workflowIds?: readonly string[] | null;
  leadIds?: readonly string[] | null;
  contactIds?: readonly string[] | null;
  status?: readonly RunStatus[] | null;
  reasonCodes?: readonly string[] | null;
  currentStepIds?: readonly string[] | null;
  startedAfter?: Date | null;
  startedBefore?: Date | null;
};

const MAX_ENTRIES = 1000;
const MAX_TEXT = 100;
const LISTS = {
  ids: "_id",
  workflowIds: "workflowId",
  leadIds: "leadId",
  contactIds: "contactId",
  status: "status",
  reasonCodes: "reasonCodes",
  currentStepIds: "currentStepId",
} as const;

/** @throws BAD_USER_INPUT for a list or a text that is too long, with the path below `path`. */
export function checkRunFilter(filter: RunFilter, path: readonly string[]): void {
  for (const name of Object.keys(LISTS) as (keyof typeof LISTS)[]) {
    const entries = filter[name] ?? [];
    if (entries.length > MAX_ENTRIES) throw badUserInput(`At most ${MAX_ENTRIES} entries.`, [...path, name]);
    for (const [index, entry] of entries.entries()) checkText(entry, [...path, name, String(index)], { max: MAX_TEXT });
  }
}

/** What the database is asked. */
export function toQuery(filter: RunFilter): Filter<Run> {
  const query: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(LISTS) as [keyof typeof LISTS, string][]) {
    const entries = filter[name];
    if (entries) query[field] = entries.length === 1 ? entries[0] : { $in: [...entries] };
  }
  const { startedAfter, startedBefore } = filter;
  if (startedAfter || startedBefore)
    query["startedAt"] = {
      ...(startedAfter ? { $gt: startedAfter } : {}),
      ...(startedBefore ? { $lt: startedBefore } : {}),
    };
  return query as Filter<Run>;
}
