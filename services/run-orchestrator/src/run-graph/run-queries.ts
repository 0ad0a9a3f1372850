import type { Filter, OrganizationScope } from "@cadenza/storage";
import { badUserInput, type CountedConnection, pageArguments, toCountedConnection } from "@cadenza/subgraph";
import type { Run, RunTransition } from "../runs/model.ts";
import { MAX_TRANSITIONS } from "../runs/model.ts";
import type { RunStore } from "../runs/store.ts";
import { checkRunFilter, type RunFilter, toQuery } from "./run-filter.ts";

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
    const query = toQuery(filter);
    const here = after === null ? query : ({ $and: [query, beyond(after)] } as Filter<Run>);
    const found = await this.#runs.tenant.find(scope, here, { sort: { startedAt: -1, _id: -1 }, limit: limit + 1 });
    const positionOf = ({ startedAt, _id }: Run): string => `${startedAt.getTime()}:${_id}`;
    return toCountedConnection(found, { limit, after }, positionOf, () => this.#runs.tenant.count(scope, query));
  }

  /** The full history; older transitions stand outside the document. */
  async transitions(scope: OrganizationScope, run: Run): Promise<RunTransition[]> {
    return run.transitions.length < MAX_TRANSITIONS ? run.transitions : this.#runs.transitions(scope, run);
  }
}

/** What comes after a cursor: started earlier, or at the same instant with a smaller id. */
function beyond(cursor: string): Filter<Run> {
  const colon = cursor.indexOf(":");
  const startedAt = new Date(Number(cursor.slice(0, colon)));
  if (colon < 1 || Number.isNaN(startedAt.getTime()))
    throw badUserInput("after is not a cursor of this list.", ["after"]);
  const _id = cursor.slice(colon + 1);
  return {
    startedAt: { $lte: startedAt },
    $or: [{ startedAt: { $lt: startedAt } }, { _id: { $lt: _id } }],
  } as Filter<Run>;
}
