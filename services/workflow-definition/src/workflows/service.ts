import { isDeepStrictEqual } from "node:util";
import { DEFAULT_GOALS } from "@cadenza/contracts";
import type { Committer } from "@cadenza/messaging";
import { newId, ServiceUnavailableError } from "@cadenza/platform";
import { checkText, type IdempotencyKeys, requireRole, type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import type { NextContent, RevisionWriter } from "../revisions/revision-writer.ts";
import type { RevisionStore } from "../revisions/store.ts";
import { applyEdits, editsAt, type StepEdit, type StepEditInput } from "../steps/apply-edits.ts";
import { restorePlaces } from "../steps/places.ts";
import type { StepInput } from "../steps/step-input.ts";
import { problemsOf } from "../validation/problems-of.ts";
import { referenceIdsOf } from "../validation/reference-ids.ts";
import type { ReferenceReader } from "../validation/references.ts";
import { type Caller, requireChange, requireOwnership } from "./caller.ts";
import type { Workflow, WorkflowContent } from "./model.ts";
import { changed, hasProblems, refused, type WorkflowOutcome, workflowNotFound } from "./outcome.ts";
import { checkSize, type SaveChecks } from "./save-checks.ts";
import { readSettings, type SettingsInput } from "./settings-input.ts";
import type { WorkflowStore } from "./store.ts";

export type CreateWorkflowInput = SettingsInput & {
  name: string;
  steps?: StepInput[] | null;
  idempotencyKey?: string | null;
};
export type UpdateWorkflowInput = SettingsInput & {
  expectedRevision: number;
  clear?: string[] | null;
  note?: string | null;
  edits?: StepEditInput[] | null;
};

/** What a change builds on, and where its arguments stand. */
type Change = {
  workflowId: string;
  expectedRevision: number;
  paths: { workflowId: readonly string[]; expectedRevision: readonly string[] };
  build: (present: WorkflowContent, errors: UserError[]) => Promise<WorkflowContent>;
  note: string | null;
};

/** How often a change begins again because the workflow changed under it in a way that may not matter. */
const MAX_ATTEMPTS = 5;

const NEW_WORKFLOW: Omit<WorkflowContent, "name" | "ownerId"> = {
  description: null,
  trigger: null,
  recipient: "EVENT_CONTACT",
  schedule: null,
  goals: DEFAULT_GOALS,
  reentry: { mode: "ONCE", minimumDaysSinceLastStart: 0 },
  exclusivity: null,
  places: [],
};

export type WorkflowServiceOptions = {
  committer: Committer;
  workflows: WorkflowStore;
  revisions: RevisionStore;
  writer: RevisionWriter;
  references: ReferenceReader;
  checks: SaveChecks;
  idempotency: IdempotencyKeys;
};

/** Saves: each makes one new revision, or changes nothing (WF-3, WF-4). */
export class WorkflowService {
  readonly #options: WorkflowServiceOptions;

  constructor(options: WorkflowServiceOptions) {
    this.#options = options;
  }

  /** @param isLeftEmpty whether the value at a path stands for a name that could not be resolved: no fault of the input. */
  async create(
    caller: Caller,
    input: CreateWorkflowInput,
    isLeftEmpty: (path: readonly string[]) => boolean = () => false,
  ): Promise<WorkflowOutcome> {
    requireOwnership(caller, input.ownerId);
    const ownerId = input.ownerId ?? caller.userId;
    const ownerPath = ["input", "ownerId"];
    if (ownerId === null)
      return refused(userError("OWNER_REQUIRED", "An API key says who owns the workflow.", ownerPath));
    const { checks } = this.#options;
    const errors: UserError[] = [];
    const settings = readSettings({ ...NEW_WORKFLOW, name: input.name, ownerId }, input, [], errors);
    const places = applyEdits([], addsOf(input.steps ?? []), this.#newId, errors);
    await checks.trigger(caller.scope, input, settings, errors);
    const content = { ...settings, places: [...places] };
    await checks.calendars(caller.scope, content, errors);
    checkSize(content, errors);
    const faults = errors.filter(({ path }) => !path || !isLeftEmpty(path));
    if (faults.length > 0) return refused(...faults);

    const { idempotencyKey, ...values } = input;
    return this.#insert(caller, content, null, { key: idempotencyKey, operation: "createWorkflow", input: values });
  }

  /** Settings, and with `edits` steps, as one revision. */
  async update(caller: Caller, id: string, input: UpdateWorkflowInput): Promise<WorkflowOutcome> {
    return this.#change(caller, {
      workflowId: id,
      expectedRevision: input.expectedRevision,
      paths: { workflowId: ["id"], expectedRevision: ["input", "expectedRevision"] },
      build: async ({ places, ...present }, errors) => {
        if (input.note) checkText(input.note, ["input", "note"], { max: LIMITS.note });
        const settings = readSettings(present, input, input.clear ?? [], errors);
        const edits = editsAt(input.edits ?? [], ["input", "edits"]);
        await this.#options.checks.trigger(caller.scope, input, settings, errors);
        return { ...settings, places: [...applyEdits(places, edits, this.#newId, errors)] };
      },
      note: input.note || null,
    });
  }

  async editSteps(
    caller: Caller,
    workflowId: string,
    expectedRevision: number,
    edits: readonly StepEdit[],
  ): Promise<WorkflowOutcome> {
    return this.#change(caller, {
      workflowId,
      expectedRevision,
      paths: { workflowId: ["workflowId"], expectedRevision: ["expectedRevision"] },
      build: async (present, errors) => ({
        ...present,
        places: [...applyEdits(present.places, edits, this.#newId, errors)],
      }),
      note: null,
    });
  }

  /**
   * The content of an earlier revision as a new one; steps it does not have become tombstones. The owner stays: who had it
   * then may be gone, and it is not given away by the way.
   */
  async restore(
    caller: Caller,
    workflowId: string,
    expectedRevision: number,
    number: number,
  ): Promise<WorkflowOutcome> {
    return this.#change(caller, {
      workflowId,
      expectedRevision,
      paths: { workflowId: ["workflowId"], expectedRevision: ["expectedRevision"] },
      build: async (present, errors) => {
        const revision = await this.#options.revisions.find(caller.scope, workflowId, number);
        if (!revision) {
          errors.push(userError("NOT_FOUND", "The workflow has no such revision.", ["number"]));
          return present;
        }
        const places = restorePlaces(revision.content.places, present.places);
        return { ...revision.content, ownerId: present.ownerId, places };
      },
      note: `Revision ${number} restored`,
    });
  }

  /** A draft of the same content, with steps and a history of its own. */
  async duplicate(caller: Caller, id: string, name: string): Promise<WorkflowOutcome> {
    requireOwnership(caller, null);
    const original = await this.#options.workflows.find(caller.scope, id);
    if (!original) return workflowNotFound(["id"]);
    checkText(name, ["name"], { max: LIMITS.name, min: 1 });
    const places = original.content.places.flatMap(({ step }) => {
      const stepId = this.#newId();
      return step ? [{ stepId, step: { ...step, id: stepId } }] : [];
    });
    const ownerId = caller.userId ?? original.content.ownerId;
    const content = { ...original.content, name: name.trim(), ownerId, places };
    return this.#insert(caller, content, `Duplicate of "${original.content.name}"`);
  }

  async #insert(
    caller: Caller,
    content: WorkflowContent,
    note: string | null,
    call?: { key: string | null | undefined; operation: string; input: unknown },
  ): Promise<WorkflowOutcome> {
    const { committer, writer, idempotency, workflows, checks } = this.#options;
    const { errors, organizationTimeZone } = await checks.owner(caller.scope, content.ownerId);
    if (errors.length > 0) return refused(...errors);
    const at = committer.clock.now();
    const stamp = { author: caller.actor, note, at };
    const id = newId(at);
    const result = await committer.commit((unit) =>
      idempotency.once(caller.scope, { operation: "", input: null, key: null, ...call, at }, unit.session, async () => {
        await writer.first(caller.scope, id, { content, organizationTimeZone }, stamp, unit);
        return id;
      }),
    );
    if ("userError" in result) return refused(result.userError);
    const workflow = await workflows.find(caller.scope, result.answer);
    return workflow ? changed(workflow) : workflowNotFound([]);
  }

  async #change(caller: Caller, change: Change, attempt = 1): Promise<WorkflowOutcome> {
    const { committer, workflows, writer, checks } = this.#options;
    requireRole(caller, "MEMBER");
    const workflow = await workflows.find(caller.scope, change.workflowId);
    if (!workflow) return workflowNotFound(change.paths.workflowId);
    requireChange(caller, workflow);
    if (workflow.revision !== change.expectedRevision) {
      const message = `The workflow is at revision ${workflow.revision} by now. Look at what was changed, then save again.`;
      return refused(userError("REVISION_CONFLICT", message, change.paths.expectedRevision));
    }
    const errors: UserError[] = [];
    const content = await change.build(workflow.content, errors);
    await checks.calendars(caller.scope, content, errors);
    checkSize(content, errors);
    if (errors.length > 0) return refused(...errors);
    if (isDeepStrictEqual(content, workflow.content)) return changed(workflow);

    const next = await this.#check(caller, workflow, content);
    if ("userErrors" in next) return next;
    const stamp = { author: caller.actor, note: change.note, at: committer.clock.now() };
    const saved = await committer.commit((unit) => writer.next(caller.scope, workflow, next, stamp, unit));
    if (saved) return changed(saved);
    if (attempt === MAX_ATTEMPTS) throw new ServiceUnavailableError("The workflow, being changed by others,");
    return this.#change(caller, change, attempt + 1);
  }

  /** An active workflow may be saved without faults only; a draft with any but an owner who cannot be one. */
  async #check(caller: Caller, workflow: Workflow, content: WorkflowContent): Promise<NextContent | WorkflowOutcome> {
    if (workflow.status === "ACTIVE") {
      const references = await this.#options.references.read(caller.scope, referenceIdsOf(content));
      const problems = problemsOf(content, references);
      if (problems.length > 0) return hasProblems(problems, "An active workflow is saved without faults only");
      return { content, organizationTimeZone: references.organizationTimeZone };
    }
    if (content.ownerId === workflow.content.ownerId) {
      return { content, organizationTimeZone: workflow.organizationTimeZone };
    }
    const { errors, organizationTimeZone } = await this.#options.checks.owner(caller.scope, content.ownerId);
    return errors.length > 0 ? refused(...errors) : { content, organizationTimeZone };
  }

  readonly #newId = (): string => newId(this.#options.committer.clock.now());
}

/** Steps of a new workflow, each added at the end. */
function addsOf(steps: readonly StepInput[]): StepEdit[] {
  return steps.map((step, index) => {
    const at = ["input", "steps", String(index)];
    return { edit: { add: { step } }, paths: { edit: at, step: at, stepId: at, position: at } };
  });
}
