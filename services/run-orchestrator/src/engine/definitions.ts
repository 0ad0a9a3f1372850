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

/** Asks workflow-definition which revisions are current, once a batch, and keeps what it has read of them. */
export class Definitions implements DefinitionSource {
  readonly #service: Pick<DefinitionsService, "current" | "get">;
  readonly #maxKept: number;
  /** Revisions never change, so they may be kept as long as there is room. */
  readonly #kept = new Map<string, Definition>();

  /** @param options.maxKept revisions that are kept (default 2,000). */
  constructor(service: Pick<DefinitionsService, "current" | "get">, { maxKept = 2000 }: { maxKept?: number } = {}) {
    this.#service = service;
    this.#maxKept = maxKept;
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

  /** In the order of `revisions`. What others push out meanwhile is still used. */
  async #load(revisions: readonly (WorkflowKey & { revision: number })[]): Promise<(Definition | null)[]> {
    const kept = revisions.map((revision) => this.#touch(keyOf(revision)));
    const missing = revisions.filter((_, i) => kept[i] === null);
    if (missing.length === 0) return kept;
    const { definitions } = await this.#service.get({ revisions: missing });
    const loaded = new Map(definitions.flatMap((definition) => (definition ? [[keyOf(definition), definition]] : [])));
    for (const definition of loaded.values()) this.#keep(definition);
    return revisions.map((revision, i) => kept[i] ?? loaded.get(keyOf(revision)) ?? null);
  }

  #keep(definition: Definition): void {
    this.#kept.set(keyOf(definition), definition);
    if (this.#kept.size > this.#maxKept) this.#kept.delete(this.#kept.keys().next().value!);
  }

  /** What was asked for last is dropped last. */
  #touch(key: string): Definition | null {
    const definition = this.#kept.get(key);
    if (!definition) return null;
    this.#kept.delete(key);
    this.#kept.set(key, definition);
    return definition;
  }
}

function keyOf({ workflowId, revision }: { workflowId: string; revision: number }): string {
  return `${workflowId}:${revision}`;
}
