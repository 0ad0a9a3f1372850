import type { Actor } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { OrganizationScope } from "@cadenza/storage";
import type { BlackoutCalendarStore } from "../blackout-calendars/store.ts";
import { type Revision, revisionId, type Workflow, type WorkflowContent } from "../workflows/model.ts";
import type { WorkflowStore } from "../workflows/store.ts";
import { tellChanged } from "../workflows/workflow-changed.ts";
import type { RevisionStore } from "./store.ts";

export type RevisionStamp = { author: Actor; note: string | null; at: Date };
/** The content of the next revision, and the organization's zone where crm was asked. */
export type NextContent = { content: WorkflowContent; organizationTimeZone: string };
/** A workflow whose content stays, with what its next revision has from elsewhere. */
export type NewRevision = { workflow: Workflow; blackoutDates: string[] };

/** The one way to a new revision: snapshot, workflow and event in one transaction (WF-3). */
export class RevisionWriter {
  readonly #workflows: WorkflowStore;
  readonly #revisions: RevisionStore;
  readonly #calendars: BlackoutCalendarStore;

  constructor(stores: { workflows: WorkflowStore; revisions: RevisionStore; calendars: BlackoutCalendarStore }) {
    this.#workflows = stores.workflows;
    this.#revisions = stores.revisions;
    this.#calendars = stores.calendars;
  }

  /** Revision 1 of a draft. */
  async first(
    scope: OrganizationScope,
    id: string,
    next: NextContent,
    stamp: RevisionStamp,
    unit: UnitOfWork,
  ): Promise<Workflow> {
    const workflow: Workflow = {
      _id: id,
      organizationId: scope.organizationId,
      version: 1,
      createdAt: stamp.at,
      status: "DRAFT",
      revision: 1,
      ...derived(next, stamp),
    };
    await this.#workflows.insert(scope, workflow, unit.session);
    await this.#write(scope, workflow, stamp, unit);
    return workflow;
  }

  /** @returns null where somebody else was faster: `before` is not the present version any more. */
  async next(
    scope: OrganizationScope,
    before: Workflow,
    next: NextContent,
    stamp: RevisionStamp,
    unit: UnitOfWork,
  ): Promise<Workflow | null> {
    const { version, revision } = before;
    const workflow: Workflow = { ...before, version: version + 1, revision: revision + 1, ...derived(next, stamp) };
    if (!(await this.#workflows.replace(scope, workflow, unit.session))) return null;
    await this.#write(scope, workflow, stamp, unit);
    return workflow;
  }

  /**
   * Next revisions of workflows as they were read in this transaction: their content stays, what they share with others
   * has changed. A few writes, however many they are.
   */
  async nextMany(
    scope: OrganizationScope,
    changes: readonly NewRevision[],
    stamp: RevisionStamp,
    unit: UnitOfWork,
  ): Promise<void> {
    const next = changes.map(({ workflow, blackoutDates }) => ({
      blackoutDates,
      workflow: {
        ...workflow,
        version: workflow.version + 1,
        revision: workflow.revision + 1,
        updatedAt: stamp.at,
      },
    }));
    await this.#workflows.revise(
      scope,
      next.map(({ workflow }) => workflow),
      unit.session,
    );
    const revisions = next.map(({ workflow, blackoutDates }) => revisionOf(workflow, blackoutDates, stamp));
    await this.#revisions.insertMany(scope, revisions, unit.session);
    for (const { workflow } of next) tellChanged(workflow, stamp.author, stamp.at, unit);
  }

  async #write(scope: OrganizationScope, workflow: Workflow, stamp: RevisionStamp, unit: UnitOfWork): Promise<void> {
    const { schedule } = workflow.content;
    const calendars = await this.#calendars.claim(scope, schedule?.blackoutCalendarIds ?? [], unit.session);
    const dates = [...(schedule?.blackoutDates ?? []), ...calendars.flatMap((calendar) => calendar?.dates ?? [])];
    const revision = revisionOf(workflow, [...new Set(dates)].sort(), stamp);
    await this.#revisions.insertMany(scope, [revision], unit.session);
    tellChanged(workflow, stamp.author, stamp.at, unit);
  }
}

function revisionOf(workflow: Workflow, blackoutDates: string[], { author, note, at }: RevisionStamp): Revision {
  const { _id: workflowId, organizationId, revision: number, content, organizationTimeZone } = workflow;
  return {
    _id: revisionId(workflowId, number),
    organizationId,
    workflowId,
    number,
    author,
    note,
    createdAt: at,
    content,
    organizationTimeZone,
    blackoutDates,
  };
}

function derived({ content, organizationTimeZone }: NextContent, { at }: RevisionStamp) {
  return {
    updatedAt: at,
    content,
    organizationTimeZone,
    nameKey: content.name.toLowerCase(),
    hasTrigger: content.trigger !== null,
  };
}
