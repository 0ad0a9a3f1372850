import type { Definition, DefinitionsService, TriggerEvent, WorkflowStatus } from "@cadenza/contracts";

export type TriggeredWorkflow = { definition: Definition; status: WorkflowStatus };

const PAGE_SIZE = 500;
const MAX_REVISIONS = 10_000;

/**
 * Active workflows of an organization by the event that triggers them. Which there are is asked anew for each batch of
 * events, so that no replica misses a workflow activated a moment ago, or starts one under a revision of the past; the
 * revisions themselves never change and are kept.
 */
export class TriggeredWorkflows {
  readonly #service: DefinitionsService;
  readonly #revisions = new Map<string, Definition>();

  constructor(service: DefinitionsService) {
    this.#service = service;
  }

  async of(organizationId: string): Promise<Map<TriggerEvent, TriggeredWorkflow[]>> {
    const listed = await this.#list(organizationId, null);
    const missing = listed.filter((workflow) => !this.#revisions.has(keyOf(workflow)));
    if (missing.length > 0) await this.#load(missing);
    const byEvent = new Map<TriggerEvent, TriggeredWorkflow[]>();
    for (const workflow of listed) {
      const definition = this.#revisions.get(keyOf(workflow));
      if (!definition?.trigger) continue;
      const own = byEvent.get(definition.trigger.event) ?? [];
      own.push({ definition, status: "ACTIVE" });
      byEvent.set(definition.trigger.event, own);
    }
    return byEvent;
  }

  async #list(
    organizationId: string,
    afterWorkflowId: string | null,
  ): Promise<{ organizationId: string; workflowId: string; revision: number }[]> {
    const { workflows } = await this.#service.listTriggered({ organizationId, afterWorkflowId, limit: PAGE_SIZE });
    const own = workflows.filter((workflow) => workflow.organizationId === organizationId);
    const last = workflows.at(-1);
    if (!last || workflows.length < PAGE_SIZE) return own;
    return [...own, ...(await this.#list(organizationId, last.workflowId))];
  }

  async #load(revisions: { organizationId: string; workflowId: string; revision: number }[]): Promise<void> {
    const { definitions } = await this.#service.get({ revisions });
    for (const definition of definitions) if (definition) this.#revisions.set(keyOf(definition), definition);
    // The oldest go first; of a workflow that changes, those are the revisions that nobody asks for any more.
    for (const key of this.#revisions.keys()) {
      if (this.#revisions.size <= MAX_REVISIONS) break;
      this.#revisions.delete(key);
    }
  }
}

function keyOf({ workflowId, revision }: { workflowId: string; revision: number }): string {
  return `${workflowId}:${revision}`;
}
