import type { Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Run } from "../runs/model.ts";
import type { Subject } from "./subject.ts";
import { whereaboutsOf } from "./whereabouts.ts";

/** Where a document says that it is about a lead and a contact. */
export type Named = Pick<Run, "_id" | "leadId" | "contactId">;
export type NamedRun = Pick<
  Run,
  "_id" | "workflowId" | "leadId" | "contactId" | "open" | "exclusivityGroup" | "startedAt" | "ordinal"
>;

const PROJECTION = { workflowId: 1, leadId: 1, contactId: 1, open: 1, exclusivityGroup: 1, startedAt: 1, ordinal: 1 };

/**
 * How to find what still names these subjects and should not. Of those whose way ends nowhere only what is open matters:
 * the rest stays readable where it is.
 */
export function waysTo(
  subjects: readonly Subject[],
  known: ReadonlyMap<string, Subject>,
): { merged: Filter<Named>[]; lost: Filter<Named>[] } {
  const merged: Filter<Named>[] = [];
  const lost: Filter<Named>[] = [];
  for (const [key, own] of Map.groupBy(subjects, (subject) => groupOf(subject, known))) {
    const ids = { $in: own.map(({ _id }) => _id) };
    if (key === "LEAD there") merged.push({ leadId: ids });
    else if (key === "LEAD gone") lost.push({ leadId: ids });
    else if (key === "CONTACT gone") lost.push({ contactId: ids });
    else if (own[0]!.isGone) merged.push({ contactId: ids });
    else for (const { _id } of own) merged.push({ contactId: _id, leadId: { $ne: key.slice("moved to ".length) } });
  }
  return { merged, lost };
}

function groupOf(subject: Subject, known: ReadonlyMap<string, Subject>): string {
  const { _id, object, isGone } = subject;
  const isLead = object === "LEAD";
  // A lead is looked for as that of a contact of which nothing was heard.
  const where = whereaboutsOf(isLead ? { id: "", leadId: _id } : { id: _id, leadId: subject.leadId ?? "" }, known);
  if (where.kind === "gone") return `${object} gone`;
  return isLead || isGone ? `${object} there` : `moved to ${where.place.leadId}`;
}

/** Up to `limit`, open ones first. */
export async function runsOf(
  runs: TenantCollection<Run>,
  scope: OrganizationScope,
  ways: ReturnType<typeof waysTo>,
  limit: number,
  session: Session,
): Promise<NamedRun[]> {
  const open = [...ways.merged, ...ways.lost].map((way) => ({ ...way, open: true }));
  const ended = ways.merged.map((way) => ({ ...way, open: false }));
  const found = new Map<string, NamedRun>();
  // One after another: operations of one transaction cannot run side by side.
  for (const filter of [...open, ...ended] as Filter<Run>[]) {
    if (found.size >= limit) break;
    const page = await runs.find(scope, filter, { projection: PROJECTION, limit: limit - found.size }, session);
    for (const run of page) found.set(run._id, run);
  }
  return [...found.values()];
}
