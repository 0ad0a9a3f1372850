import type { DefinitionsService } from "@cadenza/contracts";
import { type CompiledTrigger, compileTrigger } from "./compiled-trigger.ts";
import { TriggerIndex } from "./trigger-index.ts";

const PAGE_SIZE = 500;
const MAX_REVISIONS = 10_000;
const MAX_ORGANIZATIONS = 1000;

type Listed = { organizationId: string; workflowId: string; revision: number };
type Known = { listing: string; index: TriggerIndex };

/**
 * The triggers of an organization's active workflows. Which there are is asked anew for each batch of events, so that no
 * replica misses a workflow activated a moment ago, or starts one under a revision of the past; the revisions themselves
 * never change and are kept, and so is the index of a list that is as it was.
 */
export class TriggeredWorkflows {
  readonly #service: DefinitionsService;
  readonly #revisions = new Map<string, CompiledTrigger | null>();
  readonly #known = new Map<string, Known>();

  constructor(service: DefinitionsService) {
    this.#service = service;
  }

  async of(organizationId: string): Promise<TriggerIndex> {
    const listed = await this.#list(organizationId, null);
    const listing = listed.map(keyOf).join(" ");
    const known = this.#known.get(organizationId);
    if (known?.listing === listing) return known.index;
    const missing = listed.filter((workflow) => !this.#revisions.has(keyOf(workflow)));
    if (missing.length > 0) await this.#load(missing);
    const triggers = listed.map((workflow) => this.#revisions.get(keyOf(workflow)));
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

  async #load(revisions: Listed[]): Promise<void> {
    // Of a workflow that changes, the oldest are the revisions that nobody asks for any more.
    dropOldest(this.#revisions, Math.max(0, MAX_REVISIONS - revisions.length));
    const { definitions } = await this.#service.get({ revisions });
    for (const definition of definitions)
      if (definition) this.#revisions.set(keyOf(definition), compileTrigger(definition));
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
