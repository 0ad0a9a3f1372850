import { type SubjectMoves, subjectUpdates } from "@cadenza/messaging";
import type { Database, Filter, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Task, TaskStatus } from "./model.ts";

export const TASK_INDEXES: IndexDefinition[] = [
  { collection: "tasks", key: { organizationId: 1, _id: -1 }, options: { name: "byCreation" } },
  { collection: "tasks", key: { organizationId: 1, leadId: 1, _id: -1 }, options: { name: "byLead" } },
  {
    collection: "tasks",
    key: { organizationId: 1, assigneeIds: 1, status: 1, _id: -1 },
    options: { name: "byAssignee" },
  },
  { collection: "tasks", key: { organizationId: 1, contactId: 1, _id: -1 }, options: { name: "byContact" } },
  { collection: "tasks", key: { organizationId: 1, "origin.workflowId": 1, _id: -1 }, options: { name: "byWorkflow" } },
  { collection: "tasks", key: { organizationId: 1, "origin.runId": 1 }, options: { name: "byRun" } },
  {
    collection: "tasks",
    key: { organizationId: 1, "origin.key": 1 },
    options: { name: "oneAKey", unique: true, partialFilterExpression: { "origin.key": { $type: "string" } } },
  },
];

export type TaskFilter = {
  kind?: "TASK" | null;
  status?: readonly TaskStatus[] | null;
  assigneeIds?: readonly string[] | null;
  leadIds?: readonly string[] | null;
  contactIds?: readonly string[] | null;
  runIds?: readonly string[] | null;
  workflowIds?: readonly string[] | null;
  dueBefore?: Date | null;
  dueAfter?: Date | null;
};

export class TaskStore {
  readonly #tasks: TenantCollection<Task>;

  constructor(database: Database) {
    this.#tasks = database.tenant("tasks");
  }

  async find(scope: OrganizationScope, id: string, session?: Session): Promise<Task | null> {
    return this.#tasks.findOne(scope, { _id: id }, session);
  }

  async findMany(scope: OrganizationScope, ids: readonly string[]): Promise<(Task | null)[]> {
    return this.#tasks.findByIds(scope, ids);
  }

  /** The tasks that commands with these keys made, by key. */
  async findByCommandKeys(
    scope: OrganizationScope,
    keys: readonly string[],
    session: Session,
  ): Promise<Map<string, Task>> {
    const found = await this.#tasks.find(scope, { "origin.key": { $in: [...keys] } }, {}, session);
    return new Map(found.flatMap((task) => (task.origin ? [[task.origin.key, task]] : [])));
  }

  /** Newest first, those made before the task `after`. */
  async list(
    scope: OrganizationScope,
    filter: TaskFilter,
    page: { after: string | null; limit: number },
  ): Promise<Task[]> {
    const rest: Filter<Task> = page.after === null ? {} : { _id: { $lt: page.after } };
    return this.#tasks.find(scope, { ...matching(filter), ...rest }, { sort: { _id: -1 }, limit: page.limit });
  }

  async count(scope: OrganizationScope, filter: TaskFilter): Promise<number> {
    return this.#tasks.count(scope, matching(filter));
  }

  async insertMany(scope: OrganizationScope, tasks: readonly Task[], session: Session): Promise<void> {
    await this.#tasks.insertMany(scope, tasks, session);
  }

  /** Changes a task over the version that was read. @returns the task afterwards; null where that version has gone. */
  async change(
    scope: OrganizationScope,
    before: Task,
    change: Partial<Omit<Task, "_id" | "organizationId" | "version" | "createdAt">> & { updatedAt: Date },
    session: Session,
  ): Promise<Task | null> {
    const filter = { _id: before._id, version: before.version };
    return this.#tasks.findOneAndUpdate(scope, filter, { $set: change, $inc: { version: 1 } }, session);
  }

  /** Changes several tasks alike. */
  async cancelMany(
    scope: OrganizationScope,
    cancellations: readonly { task: Task; reason: Task["reason"]; at: Date }[],
    session: Session,
  ): Promise<void> {
    await this.#tasks.bulkWrite(
      scope,
      cancellations.map(({ task, reason, at }) => ({
        updateOne: {
          filter: { _id: task._id },
          update: { $set: { status: "CANCELED", reason, isAwaited: false, updatedAt: at }, $inc: { version: 1 } },
        },
      })),
      session,
    );
  }

  /** What named a merged lead or contact names the one that stays. Doing it twice changes nothing. */
  async moveSubjects(scope: OrganizationScope, moves: SubjectMoves, at: Date, session: Session): Promise<void> {
    const operations = subjectUpdates(moves).map(({ filter, set }) => ({
      updateMany: { filter, update: { $set: { ...set, updatedAt: at }, $inc: { version: 1 } } },
    }));
    await this.#tasks.bulkWrite(scope, operations, session);
  }

  async remove(scope: OrganizationScope, task: Task, session: Session): Promise<boolean> {
    return (await this.#tasks.deleteMany(scope, { _id: task._id, version: task.version }, session)) === 1;
  }
}

function matching(filter: TaskFilter): Filter<Task> {
  const { kind, status, dueBefore, dueAfter } = filter;
  const among = (ids: readonly string[] | null | undefined) => (ids ? { $in: [...ids] } : undefined);
  const due = { ...(dueBefore ? { $lt: dueBefore } : {}), ...(dueAfter ? { $gt: dueAfter } : {}) };
  const conditions = {
    kind: kind ?? undefined,
    status: status ? { $in: [...status] } : undefined,
    assigneeIds: among(filter.assigneeIds),
    leadId: among(filter.leadIds),
    contactId: among(filter.contactIds),
    "origin.runId": among(filter.runIds),
    "origin.workflowId": among(filter.workflowIds),
    dueAt: dueBefore || dueAfter ? due : undefined,
  };
  return Object.fromEntries(Object.entries(conditions).filter(([, condition]) => condition !== undefined));
}
