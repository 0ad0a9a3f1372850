import type { Database, OrganizationScope, Session } from "@cadenza/storage";
import { badUserInput } from "@cadenza/subgraph";
import type { DefinitionSource } from "../engine/definitions.ts";
import type { RunStore } from "../runs/store.ts";
import { type RunCounts, runCountsOf } from "./run-counts.ts";
import { dayOf, type RunTallies } from "./run-tallies.ts";
import { addChange, type Tally } from "./tally.ts";
import { metricsOf, type WorkflowMetrics } from "./workflow-metrics.ts";

export type Period = { from?: Date | null; to?: Date | null };
export type MetricsOptions = {
  database: Database;
  runs: RunStore;
  tallies: RunTallies;
  definitions: Pick<DefinitionSource, "current">;
};

const PAGE = 1000;

/** Numbers of workflows, each of one instant: no run is counted twice or in between. */
export class MetricsService {
  readonly #options: MetricsOptions;

  constructor(options: MetricsOptions) {
    this.#options = options;
  }

  /** In the order of `workflowIds`. */
  async runCounts(scope: OrganizationScope, workflowIds: readonly string[]): Promise<RunCounts[]> {
    const found = await this.#options.runs.tallyOf(scope, workflowIds);
    return workflowIds.map((id) => runCountsOf(found.get(id) ?? new Map()));
  }

  /** Of the runs that started in `[from, to)`. @throws BAD_USER_INPUT where that is no period. */
  async metrics(scope: OrganizationScope, workflowId: string, { from, to }: Period): Promise<WorkflowMetrics> {
    if (from && to && from >= to) throw badUserInput("from must be before to.", ["from"]);
    const { database, definitions } = this.#options;
    const [current, tally] = await Promise.all([
      definitions.current([{ organizationId: scope.organizationId, workflowId }]),
      database.transaction((session) =>
        this.#tally(scope, workflowId, { from: from ?? null, to: to ?? null }, session),
      ),
    ]);
    return metricsOf(tally, current.get(workflowId)?.definition.places ?? []);
  }

  /** Whole days out of the tallies, what sticks out at either end out of the runs themselves. */
  async #tally(
    scope: OrganizationScope,
    workflowId: string,
    { from, to }: { from: Date | null; to: Date | null },
    session: Session,
  ): Promise<Tally> {
    const { tallies } = this.#options;
    if (!from && !to) return (await tallies.all(scope, [workflowId], session)).get(workflowId) ?? new Map();
    const [firstDay, endDay] = [from && dayAtOrAfter(from), to && dayOf(to)];
    const hasDays = !firstDay || !endDay || firstDay < endDay;
    const tally: Tally = hasDays
      ? await tallies.ofDays(scope, workflowId, { from: firstDay, to: endDay }, session)
      : new Map();
    for (const edge of edgesOf({ from, to, firstDay, endDay }))
      await this.#addRuns(tally, scope, workflowId, edge, session);
    return tally;
  }

  async #addRuns(
    to: Tally,
    scope: OrganizationScope,
    workflowId: string,
    { from, to: until }: Edge,
    session: Session,
  ): Promise<void> {
    let after: { startedAt: Date; _id: string } | null = null;
    do {
      const page = await this.#options.runs.startedIn(
        scope,
        { workflowId, from, to: until, after, limit: PAGE },
        session,
      );
      for (const run of page) addChange(to, null, run);
      after = page.length === PAGE ? page.at(-1)! : null;
    } while (after);
  }
}

type Edge = { from: Date; to: Date };

function edgesOf(period: { from: Date | null; to: Date | null; firstDay: Date | null; endDay: Date | null }): Edge[] {
  const { from, to, firstDay, endDay } = period;
  if (from && to && firstDay && endDay && firstDay > endDay) return [{ from, to }];
  return [
    ...(from && firstDay && from < firstDay ? [{ from, to: firstDay }] : []),
    ...(to && endDay && endDay < to ? [{ from: endDay, to }] : []),
  ];
}

function dayAtOrAfter(at: Date): Date {
  const day = dayOf(at);
  return day < at ? new Date(day.getTime() + 86_400_000) : day;
}
