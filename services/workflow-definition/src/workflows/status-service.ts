import type { WorkflowStatus } from "@cadenza/contracts";
import type { Committer } from "@cadenza/messaging";
import { ServiceUnavailableError } from "@cadenza/platform";
import { requireRole } from "@cadenza/subgraph";
import { problemsOf } from "../validation/problems-of.ts";
import { referenceIdsOf } from "../validation/reference-ids.ts";
import type { ReferenceReader } from "../validation/references.ts";
import { type Caller, requireChange } from "./caller.ts";
import type { Workflow } from "./model.ts";
import { changed, hasProblems, type WorkflowOutcome, workflowNotFound } from "./outcome.ts";
import type { WorkflowStore } from "./store.ts";
import { tellChanged } from "./workflow-changed.ts";

/** How often it begins again because the workflow was saved in between. */
const MAX_ATTEMPTS = 5;

/** Activation and archiving (WF-1): the status changes, the revision does not. */
export class WorkflowStatusService {
  readonly #committer: Committer;
  readonly #workflows: WorkflowStore;
  readonly #references: ReferenceReader;

  constructor(options: { committer: Committer; workflows: WorkflowStore; references: ReferenceReader }) {
    this.#committer = options.committer;
    this.#workflows = options.workflows;
    this.#references = options.references;
  }

  /** Refused with every fault named (WF-5). @throws ServiceUnavailableError when they cannot be looked up. */
  activate(caller: Caller, id: string): Promise<WorkflowOutcome> {
    return this.#set(caller, id, "ACTIVE");
  }

  /** The orchestrator pauses the active runs when it hears of it. */
  archive(caller: Caller, id: string): Promise<WorkflowOutcome> {
    return this.#set(caller, id, "ARCHIVED");
  }

  async #set(caller: Caller, id: string, status: WorkflowStatus, attempt = 1): Promise<WorkflowOutcome> {
    requireRole(caller, "MEMBER");
    const workflow = await this.#workflows.find(caller.scope, id);
    if (!workflow) return workflowNotFound(["id"]);
    requireChange(caller, workflow);
    if (workflow.status === status) return changed(workflow);
    if (status === "ACTIVE") {
      const references = await this.#references.read(caller.scope, referenceIdsOf(workflow.content));
      const problems = problemsOf(workflow.content, references);
      if (problems.length > 0) return hasProblems(problems, "It was not activated");
    }
    const at = this.#committer.clock.now();
    const next: Workflow = { ...workflow, status, version: workflow.version + 1, updatedAt: at };
    const isSaved = await this.#committer.commit(async (unit) => {
      if (!(await this.#workflows.replace(caller.scope, next, unit.session))) return false;
      tellChanged(next, caller.actor, at, unit);
      return true;
    });
    if (isSaved) return changed(next);
    if (attempt === MAX_ATTEMPTS) throw new ServiceUnavailableError("The workflow, being changed by others,");
    return this.#set(caller, id, status, attempt + 1);
  }
}
