import type { Definition, DefinitionsService, WorkflowStatus } from "@cadenza/contracts";

export type WorkflowKey = { organizationId: string; workflowId: string };
export type CurrentDefinition = { definition: Definition; status: WorkflowStatus };

/** Where the engine reads workflows from. */
export type DefinitionSource = {
  /** The newest revisions, by workflow id; workflows that do not exist are left out. */
  current(workflows: readonly WorkflowKey[]): Promise<Map<string, CurrentDefinition>>;
  /** Null where there is no such revision. */
  revision(workflow: WorkflowKey, revision: number): Promise<Definition | null>;
};

/** Revisions never change, so they may be kept as long as there is room. */
const MAX_CACHED = 2000;

/** Asks workflow-definition which revisions are current, once a batch, and keeps what it has read of them. */
export class Definitions implements DefinitionSource {
  readonly #service: DefinitionsService;
  readonly #cache = new Map<string, Definition>();

  constructor(service: DefinitionsService) {
    this.#service = service;
  }

  async current(workflows: readonly WorkflowKey[]): Promise<Map<string, CurrentDefinition>> {
    const unique = [
      ...new Map(
        workflows.map(({ organizationId, workflowId }) => [workflowId, { organizationId, workflowId }]),
      ).values(),
    ];
    if (unique.length === 0) return new Map();
    const answer = await this.#service.current({ workflows: unique });
    const found = unique.flatMap((workflow, i) => {
      const current = answer.workflows[i];
      return current ? [{ ...workflow, revision: current.revision, status: current.status }] : [];
    });
    const definitions = await this.#load(found);
    const result = new Map<string, CurrentDefinition>();
    for (const [i, { workflowId, status }] of found.entries()) {
      const definition = definitions[i];
      if (definition) result.set(workflowId, { definition, status });
    }
    return result;
  }

  async revision(workflow: WorkflowKey, revision: number): Promise<Definition | null> {
    const [definition] = await this.#load([
      { organizationId: workflow.organizationId, workflowId: workflow.workflowId, revision },
    ]);
    return definition ?? null;
  }

  async #load(revisions: readonly (WorkflowKey & { revision: number })[]): Promise<(Definition | null)[]> {
    const missing = revisions.filter((revision) => !this.#cache.has(keyOf(revision)));
    const loaded = missing.length > 0 ? await this.#service.get({ revisions: missing }) : { definitions: [] };
    for (const definition of loaded.definitions) if (definition) this.#keep(definition);
    return revisions.map((revision) => this.#touch(keyOf(revision)));
  }

  #keep(definition: Definition): void {
    this.#cache.set(keyOf(definition), definition);
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value!);
  }

  /** What was asked for last is dropped last. */
  #touch(key: string): Definition | null {
    const definition = this.#cache.get(key);
    if (!definition) return null;
    this.#cache.delete(key);
    this.#cache.set(key, definition);
    return definition;
  }
}

function keyOf({ workflowId, revision }: { workflowId: string; revision: number }): string {
  return `${workflowId}:${revision}`;
}
