import type { Filter, OrganizationScope } from "@cadenza/storage";
import { badUserInput, type CountedConnection, pageArguments, toCountedConnection } from "@cadenza/subgraph";
import type { Run, RunTransition } from "../runs/model.ts";
import { MAX_TRANSITIONS, RUN_STATUSES } from "../runs/model.ts";
import type { RunPlace } from "../runs/run-places.ts";
import type { RunStore } from "../runs/store.ts";
import { type ListPlan, planOf } from "./list-plan.ts";
import { checkRunFilter, type RunFilter } from "./run-filter.ts";

export type RunPage = { first?: number | null; after?: string | null };
export type RunConnection = CountedConnection<Run>;

/** Run lists and reads (RUN-8). */
export class RunQueries {
  readonly #runs: RunStore;

  constructor(runs: RunStore) {
    this.#runs = runs;
  }

  byIds(scope: OrganizationScope, ids: readonly string[]): Promise<(Run | null)[]> {
    return this.#runs.tenant.findByIds(scope, ids);
  }

  /** Newest first by start. @throws BAD_USER_INPUT */
  async list(scope: OrganizationScope, page: RunPage, filter: RunFilter): Promise<RunConnection> {
    const { limit, after } = pageArguments(page);
    checkRunFilter(filter, ["filter"]);
    const plan = planOf(filter);
    const ranges = after === null ? [{}] : beyond(after);
    const found = await Promise.all(
      plan.parts.flatMap((part) => ranges.map((range) => this.#page(scope, within(part, range), plan, limit + 1))),
    );
    const unique = new Map(found.flat().map((run) => [run._id, run]));
    const nodes = [...unique.values()].toSorted(byNewest).slice(0, limit + 1);
    const positionOf = ({ startedAt, _id }: Run): string => `${startedAt.getTime()}:${_id}`;
    return toCountedConnection(nodes, { limit, after }, positionOf, () => this.#count(scope, filter, plan));
  }

  /** The full history; older transitions stand outside the document. */
  async transitions(scope: OrganizationScope, run: Run): Promise<RunTransition[]> {
    return run.transitions.length < MAX_TRANSITIONS ? run.transitions : this.#runs.transitions(scope, run);
  }

  async #page(
    scope: OrganizationScope,
    query: Filter<Run>,
    { index, collection }: ListPlan,
    limit: number,
  ): Promise<Run[]> {
    const options = { sort: { startedAt: -1, _id: -1 }, limit, hint: index } as const;
    if (collection === "runs") return this.#runs.tenant.find(scope, query, options);
    const { tenant } = this.#runs.places;
    const places = await tenant.find(scope, query as Filter<RunPlace>, { ...options, projection: { _id: 1 } });
    const found = await this.byIds(
      scope,
      places.map(({ _id }) => _id),
    );
    return found.filter((run) => run !== null);
  }

  /** By the tallies where they know, else by the index alone. */
  async #count(scope: OrganizationScope, filter: RunFilter, { query, index, collection }: ListPlan): Promise<number> {
    const { status, workflowIds, ...others } = filter;
    if (Object.values(others).some((narrowing) => narrowing !== null && narrowing !== undefined))
      return collection === "runs"
        ? this.#runs.tenant.count(scope, query, { hint: index })
        : this.#runs.places.tenant.count(scope, query as Filter<RunPlace>, { hint: index });
    const tallies = await this.#runs.tallyOf(scope, workflowIds ?? null);
    const statuses = new Set(status ?? RUN_STATUSES);
    let count = 0;
    for (const tally of tallies.values()) for (const one of statuses) count += tally.get(one) ?? 0;
    return count;
  }
}

function byNewest(a: Run, b: Run): number {
  return b.startedAt.getTime() - a.startedAt.getTime() || (a._id < b._id ? 1 : -1);
}

type Range = { startedAt?: object | Date; _id?: object };

/** What comes after a cursor: the rest of those that started at the same instant, and those that started earlier. */
function beyond(cursor: string): Range[] {
  const colon = cursor.indexOf(":");
  const startedAt = new Date(Number(cursor.slice(0, colon)));
  if (colon < 1 || Number.isNaN(startedAt.getTime()))
    throw badUserInput("after is not a cursor of this list.", ["after"]);
  return [{ startedAt, _id: { $lt: cursor.slice(colon + 1) } }, { startedAt: { $lt: startedAt } }];
}

/** Both may speak of one field. */
function within(part: Filter<Run>, range: Range): Filter<Run> {
  return Object.keys(range).length === 0 ? part : ({ $and: [part, range] } as Filter<Run>);
}
