import type { Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Run } from "../runs/model.ts";
import type { Candidate } from "./page-of.ts";
import type { RunSignal } from "./signals-of.ts";

const FIELDS = { workflowId: 1, leadId: 1, contactId: 1, opportunityId: 1, startedAt: 1 };

/** Open runs that signals may concern. Every way to them is an index. */
export class SignalledRuns {
  readonly #runs: TenantCollection<Run>;

  constructor(runs: TenantCollection<Run>) {
    this.#runs = runs;
  }

  async workflowIds(scope: OrganizationScope, signals: readonly RunSignal[], session: Session): Promise<string[]> {
    const found = await this.#runs.aggregate<{ _id: string }>(
      scope,
      [{ $match: { ...anyOf(signals), open: true } }, { $group: { _id: "$workflowId" } }],
      session,
    );
    return found.map(({ _id }) => _id);
  }

  /** In the order of their ids. */
  async candidates(
    scope: OrganizationScope,
    { signals, workflowIds }: { signals: readonly RunSignal[]; workflowIds: readonly string[] },
    limit: number,
    session: Session,
  ): Promise<Candidate[]> {
    const cursors = signals.map(({ afterRunId }) => afterRunId ?? "").sort();
    const filter = {
      ...anyOf(signals),
      open: true,
      workflowId: { $in: [...workflowIds] },
      ...(cursors[0] ? { _id: { $gt: cursors[0] } } : {}),
    };
    return this.#runs.find(scope, filter as Filter<Run>, { projection: FIELDS, sort: { _id: 1 }, limit }, session);
  }
}

/** A single way is no `$or`, so that its index gives the order too. */
function anyOf(signals: readonly RunSignal[]): Record<string, unknown> {
  const ways = (["leadId", "contactId", "runId"] as const).flatMap((name) => {
    const ids = [...new Set(signals.flatMap(({ about }) => about[name] ?? []))];
    return ids.length === 0 ? [] : [{ [name === "runId" ? "_id" : name]: { $in: ids } }];
  });
  return ways.length === 1 && !("_id" in ways[0]!) ? ways[0]! : { $or: ways };
}
