import type { DefinitionsService } from "@cadenza/contracts";
import { type CompiledTrigger, compileTrigger } from "./compiled-trigger.ts";
import { TriggerIndex } from "./trigger-index.ts";

const PAGE_SIZE = 500;
const MAX_ORGANIZATIONS = 1000;

type Listed = { organizationId: string; workflowId: string; revision: number };
type Known = { listing: string; index: TriggerIndex };

/**
 * The triggers of an organization's active workflows. Which there are is asked anew for each batch of events, so that no
 * replica misses a workflow activated a moment ago, or starts one under a revision of the past; the revisions themselves
 * never change and are kept, and so is the index of a list that is as it was.
 */
export class TriggeredWorkflows {
  readonly #service: Pick<DefinitionsService, "get" | "listTriggered">;
  readonly #maxRevisions: number;
  readonly #revisions = new Map<string, CompiledTrigger | null>();
  readonly #known = new Map<string, Known>();

  /** @param options.maxRevisions that are kept (default 10,000). */
  constructor(
    service: Pick<DefinitionsService, "get" | "listTriggered">,
    { maxRevisions = 10_000 }: { maxRevisions?: number } = {},
  ) {
    this.#service = service;
    this.#maxRevisions = maxRevisions;
  }

  async of(organizationId: string): Promise<TriggerIndex> {
    const listed = await this.#list(organizationId, null);
    const listing = listed.map(keyOf).join(" ");
    const known = this.#known.get(organizationId);
    if (known?.listing === listing) return known.index;
    const triggers = await this.#triggersOf(listed);
    const index = new TriggerIndex(triggers.filter((trigger) => trigger !== null && trigger !== undefined));
    // A revision that could not be had is asked for again.
    if (!triggers.includes(undefined)) this.#known.set(organizationId, { listing, index });
    dropOldest(this.#known, MAX_ORGANIZATIONS);
    return index;
  }

  async #list(organizationId: string, afterWorkflowId: string | null): Promise<Listed[]> {
    const { workflows } = await this.#service.listTriggered({ organizationId, afterWorkflowId, limit: PAGE_SIZE });
    const own = workflows.filter((workflow) => workflow.organizationId === organizationId);
    const last = workflows.at(-1);
    if (!last || workflows.length < PAGE_SIZE) return own;
    return [...own, ...(await this.#list(organizationId, last.workflowId))];
  }

  /** In the order of `listed`; undefined for a revision that could not be had. What is dropped meanwhile is still used. */
  async #triggersOf(listed: readonly Listed[]): Promise<(CompiledTrigger | null | undefined)[]> {
    const kept = listed.map((workflow) => this.#revisions.get(keyOf(workflow)));
    const missing = listed.filter((_, i) => kept[i] === undefined);
    if (missing.length === 0) return kept;
    const { definitions } = await this.#service.get({ revisions: missing });
    const loaded = new Map(
      definitions.flatMap((definition) => (definition ? [[keyOf(definition), compileTrigger(definition)]] : [])),
    );
    for (const [key, trigger] of loaded) this.#revisions.set(key, trigger);
    // Of a workflow that changes, the oldest are the revisions that nobody asks for any more.
    dropOldest(this.#revisions, this.#maxRevisions);
    return listed.map((workflow, i) => (kept[i] === undefined ? loaded.get(keyOf(workflow)) : kept[i]));
  }
}

function dropOldest(cache: Map<string, unknown>, max: number): void {
  for (const key of cache.keys()) {
    if (cache.size <= max) return;
    cache.delete(key);
  }
}

function keyOf({ workflowId, revision }: { workflowId: string; revision: number }): string {
  return `${workflowId}:${revision}`;
}
