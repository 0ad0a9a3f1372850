import type { DefinitionsService } from "@cadenza/contracts";
import { type Collection, type Database, organizationScope } from "@cadenza/storage";
import { problemsOf } from "../validation/problems-of.ts";
import { referenceIdsOf } from "../validation/reference-ids.ts";
import type { ReferenceReader } from "../validation/references.ts";
import { type Revision, revisionId, type Workflow } from "../workflows/model.ts";
import { presentContent, withPresentContent } from "../workflows/present-content.ts";
import { toDefinition } from "./to-definition.ts";

const MAX_PAGE = 1000;

/** What the orchestrator reads of workflows, for several organizations at once; each item names its own. */
export class Definitions implements DefinitionsService {
  readonly #references: ReferenceReader;
  readonly #workflows: Collection<Workflow>;
  readonly #revisions: Collection<Revision>;

  constructor(database: Database, references: ReferenceReader) {
    this.#references = references;
    this.#workflows = database.system("workflows", "The engine's batches hold runs of several organizations.");
    this.#revisions = database.system("revisions", "The engine's batches hold runs of several organizations.");
  }

  current: DefinitionsService["current"] = async ({ workflows }) => {
    const ids = [...new Set(workflows.map(({ workflowId }) => workflowId))];
    const projection = { _id: 1, organizationId: 1, revision: 1, status: 1 } as const;
    const found = await this.#workflows.find({ _id: { $in: ids } }, { projection, hint: "current" }).toArray();
    const byId = new Map(found.map((workflow) => [workflow._id, workflow]));
    return {
      workflows: workflows.map(({ organizationId, workflowId }) => {
        const workflow = byId.get(workflowId);
        if (workflow?.organizationId !== organizationId) return null;
        return { workflowId, revision: workflow.revision, status: workflow.status };
      }),
    };
  };

  get: DefinitionsService["get"] = async ({ revisions }) => {
    const keyOf = (wanted: (typeof revisions)[number]): string => revisionId(wanted.workflowId, wanted.revision);
    const found = await this.#revisions.find({ _id: { $in: [...new Set(revisions.map(keyOf))] } }).toArray();
    const byId = new Map(found.map((revision) => [revision._id, revision]));
    return {
      definitions: revisions.map((wanted) => {
        const revision = byId.get(keyOf(wanted));
        return revision?.organizationId === wanted.organizationId ? toDefinition(withPresentContent(revision)) : null;
      }),
    };
  };

  listTriggered: DefinitionsService["listTriggered"] = async ({ organizationId, afterWorkflowId, limit }) => {
    const page = Math.min(Math.max(1, limit), MAX_PAGE);
    const filter = {
      status: "ACTIVE" as const,
      hasTrigger: true,
      ...(organizationId ? { organizationId } : {}),
      ...(afterWorkflowId ? { _id: { $gt: afterWorkflowId } } : {}),
    };
    const projection = { _id: 1, organizationId: 1, revision: 1 } as const;
    const found = await this.#workflows.find(filter, { projection, sort: { _id: 1 }, limit: page }).toArray();
    return {
      workflows: found.map(({ _id, organizationId, revision }) => ({ organizationId, workflowId: _id, revision })),
    };
  };

  /** As `Workflow.problems` shows them. */
  problems: DefinitionsService["problems"] = async ({ organizationId, workflowId }) => {
    const scope = organizationScope(organizationId);
    const workflow = await this.#workflows.findOne({ _id: workflowId, organizationId });
    if (!workflow) return { problems: null };
    const content = presentContent(workflow.content);
    return { problems: problemsOf(content, await this.#references.read(scope, referenceIdsOf(content))) };
  };
}
