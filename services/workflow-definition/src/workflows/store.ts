import type { WorkflowStatus } from "@cadenza/contracts";
import type { Database, Filter, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Workflow } from "./model.ts";
import { withPresentContent } from "./present-content.ts";

export const WORKFLOW_INDEXES: IndexDefinition[] = [
  { collection: "workflows", key: { organizationId: 1, updatedAt: -1, _id: -1 }, options: { name: "byChange" } },
  { collection: "workflows", key: { organizationId: 1, nameKey: 1 }, options: { name: "byName" } },
  {
    collection: "workflows",
    key: { organizationId: 1, "content.schedule.blackoutCalendarIds": 1 },
    options: { name: "byCalendar" },
  },
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

  async usingCalendar(scope: OrganizationScope, calendarId: string, session: Session): Promise<Workflow[]> {
    const using = { "content.schedule.blackoutCalendarIds": calendarId };
    return (await this.#workflows.find(scope, using, {}, session)).map(withPresentContent);
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
}

function matching({ status, search }: WorkflowFilter): Filter<Workflow> {
  const filter: Filter<Workflow> = {};
  if (status) filter.status = { $in: [...status] };
  if (search) filter.nameKey = { $regex: `^${search.toLowerCase().replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}` };
  return filter;
}
