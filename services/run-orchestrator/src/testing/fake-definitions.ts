import type { Definition, DefinitionsService, WorkflowStatus } from "@cadenza/contracts";

/** Workflows as a test puts them; each `put` of a known workflow is its newest revision. */
export class FakeDefinitions implements DefinitionsService {
  readonly #current = new Map<string, { definition: Definition; status: WorkflowStatus }>();
  readonly #revisions = new Map<string, Definition>();

  put(definition: Definition, status: WorkflowStatus = "ACTIVE"): Definition {
    this.#current.set(definition.workflowId, { definition, status });
    this.#revisions.set(`${definition.workflowId}:${definition.revision}`, definition);
    return definition;
  }

  current: DefinitionsService["current"] = async ({ workflows }) => ({
    workflows: workflows.map(({ organizationId, workflowId }) => {
      const known = this.#current.get(workflowId);
      if (known?.definition.organizationId !== organizationId) return null;
      return { workflowId, revision: known.definition.revision, status: known.status };
    }),
  });

  get: DefinitionsService["get"] = async ({ revisions }) => ({
    definitions: revisions.map(({ workflowId, revision }) => this.#revisions.get(`${workflowId}:${revision}`) ?? null),
  });

  listTriggered: DefinitionsService["listTriggered"] = async ({ organizationId, afterWorkflowId, limit }) => ({
    workflows: [...this.#current.values()]
      .filter(
        ({ definition, status }) =>
          definition.trigger && status === "ACTIVE" && definition.organizationId === organizationId,
      )
      .map(({ definition: { workflowId, revision } }) => ({ organizationId: organizationId!, workflowId, revision }))
      .filter(({ workflowId }) => workflowId > (afterWorkflowId ?? ""))
      .sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1))
      .slice(0, limit),
  });

  problems: DefinitionsService["problems"] = async ({ workflowId }) => ({
    problems: this.#current.has(workflowId) ? [] : null,
  });
}
