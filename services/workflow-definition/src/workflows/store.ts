import type { WorkflowStatus } from "@cadenza/contracts";
import type { Database, Filter, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Workflow } from "./model.ts";
import { withPresentContent } from "./present-content.ts";

export const WORKFLOW_INDEXES: IndexDefinition[] = [
  { collection: "workflows", key: { organizationId: 1, updatedAt: -1, _id: -1 }, options: { name: "byChange" } },
  { collection: "workflows", key: { organizationId: 1, nameKey: 1 }, options: { name: "byName" } },
  // A shared change goes through them in the order of their ids.
  {
    collection: "workflows",
    key: { organizationId: 1, "content.schedule.blackoutCalendarIds": 1, _id: 1 },
    options: { name: "byCalendarInOrder" },
  },
  { collection: "workflows", key: { organizationId: 1, _id: 1 }, options: { name: "inOrder" } },
  // The orchestrator's question before every batch is answered from this alone.
  { collection: "workflows", key: { _id: 1, organizationId: 1, revision: 1, status: 1 }, options: { name: "current" } },
  { collection: "workflows", key: { status: 1, hasTrigger: 1, _id: 1 }, options: { name: "triggered" } },
  {
    collection: "workflows",
    key: { organizationId: 1, status: 1, hasTrigger: 1, _id: 1 },
    options: { name: "triggeredOfOrganization" },
  },
];

export type WorkflowFilter = { status?: readonly WorkflowStatus[]; search?: string };
/** Where a page of the list begins: after the workflow that changed last at this instant. */
export type WorkflowPosition = { updatedAt: Date; id: string };

/** Workflows that a shared change concerns: those with a calendar, or those that know another zone of the organization. */
export type Concern = { calendarId: string } | { otherZoneThan: string };

export class WorkflowStore {
  readonly #workflows: TenantCollection<Workflow>;

  constructor(database: Database) {
    this.#workflows = database.tenant("workflows");
  }

  async find(scope: OrganizationScope, id: string, session?: Session): Promise<Workflow | null> {
    const found = await this.#workflows.findOne(scope, { _id: id }, session);
    return found && withPresentContent(found);
  }

  async findMany(scope: OrganizationScope, ids: readonly string[]): Promise<(Workflow | null)[]> {
    return (await this.#workflows.findByIds(scope, ids)).map((found) => found && withPresentContent(found));
  }

  /** By last change, newest first. */
  async list(
    scope: OrganizationScope,
    filter: WorkflowFilter,
    page: { after: WorkflowPosition | null; limit: number },
  ): Promise<Workflow[]> {
    const { after, limit } = page;
    const rest: Filter<Workflow> = after
      ? {
          $or: [{ updatedAt: { $lt: after.updatedAt } }, { updatedAt: after.updatedAt, _id: { $lt: after.id } }],
        }
      : {};
    const options = { sort: { updatedAt: -1, _id: -1 } as const, limit };
    return (await this.#workflows.find(scope, { ...matching(filter), ...rest }, options)).map(withPresentContent);
  }

  async count(scope: OrganizationScope, filter: WorkflowFilter): Promise<number> {
    return this.#workflows.count(scope, matching(filter));
  }

  /**
   * The next workflows, by id, that a shared change may concern: at most `count`, of at most `bytes` together but for the
   * first.
   */
  async affectedBy(
    scope: OrganizationScope,
    concern: Concern,
    { afterId, count, bytes }: { afterId: string | null; count: number; bytes: number },
    session: Session,
  ): Promise<Workflow[]> {
    const after = afterId === null ? {} : { _id: { $gt: afterId } };
    const pipeline = [
      { $match: { ...concernedBy(concern), ...after } },
      { $sort: { _id: 1 } },
      { $limit: count },
      { $project: { bytes: { $bsonSize: "$$ROOT" } } },
    ];
    const sizes = await this.#workflows.aggregate<{ _id: string; bytes: number }>(scope, pipeline, session);
    let sum = 0;
    const fitting = sizes.filter((each, index) => (sum += each.bytes) <= bytes || index === 0);
    const found = await this.#workflows.findByIds(
      scope,
      fitting.map(({ _id }) => _id),
      session,
    );
    return found.flatMap((workflow) => (workflow ? [withPresentContent(workflow)] : []));
  }

  async insert(scope: OrganizationScope, workflow: Workflow, session: Session): Promise<void> {
    await this.#workflows.insertMany(scope, [workflow], session);
  }

  /**
   * Writes a workflow over the version before it.
   * @returns whether that version was still the present one.
   */
  async replace(scope: OrganizationScope, workflow: Workflow, session: Session): Promise<boolean> {
    const { _id, organizationId: _, ...fields } = workflow;
    const before = { _id, version: workflow.version - 1 };
    return (await this.#workflows.updateOne(scope, before, { $set: fields }, session)).matched === 1;
  }

  /** Writes all but the content over the versions that this transaction has read. */
  async revise(scope: OrganizationScope, workflows: readonly Workflow[], session: Session): Promise<void> {
    const operations = workflows.map(({ _id, version, revision, updatedAt, organizationTimeZone }) => ({
      updateOne: {
        filter: { _id, version: version - 1 },
        update: { $set: { version, revision, updatedAt, organizationTimeZone } },
      },
    }));
    const { matched } = await this.#workflows.bulkWrite(scope, operations, session);
    if (matched !== workflows.length) throw new Error("Workflows changed within a transaction.");
  }

  /** The organization's zone of workflows that have no use for it now: no new revision, but a new version. */
  async rezone(scope: OrganizationScope, workflows: readonly Workflow[], session: Session): Promise<void> {
    const operations = workflows.map(({ _id, organizationTimeZone }) => ({
      updateOne: { filter: { _id }, update: { $set: { organizationTimeZone }, $inc: { version: 1 } } },
    }));
    await this.#workflows.bulkWrite(scope, operations, session);
  }
}

function concernedBy(concern: Concern): Filter<Workflow> {
  if ("calendarId" in concern) return { "content.schedule.blackoutCalendarIds": concern.calendarId };
  return { organizationTimeZone: { $ne: concern.otherZoneThan } };
}

function matching({ status, search }: WorkflowFilter): Filter<Workflow> {
  const filter: Filter<Workflow> = {};
  if (status) filter.status = { $in: [...status] };
  if (search) filter.nameKey = { $regex: `^${search.toLowerCase().replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}` };
  return filter;
}
