import type { CrmReader } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { ForbiddenError, isId, newId } from "@cadenza/platform";
import {
  checkText,
  type IdempotencyKeys,
  type RequestContext,
  requireRole,
  type UserError,
  userError,
} from "@cadenza/subgraph";
import type { OrganizationScope } from "@cadenza/storage";
import type { Task } from "./model.ts";
import { REASONS } from "./reasons.ts";
import { stepResult } from "./step-result.ts";
import type { TaskStore } from "./store.ts";
import { taskCompleted } from "./task-completed.ts";

export type Caller = Pick<RequestContext, "scope" | "actor" | "role" | "userId">;
export type CreateTaskInput = {
  leadId: string;
  contactId?: string | null;
  description: string;
  dueAt?: Date | null;
  assigneeIds: string[];
  idempotencyKey?: string | null;
};
export type TaskOutcome = { task: Task | null; userErrors: UserError[] };

const MAX_DESCRIPTION = 10_000;
const MAX_ASSIGNEES = 50;

/** What people do with tasks (TASK-3). */
export class TaskService {
  readonly #committer: Committer;
  readonly #crm: Pick<CrmReader, "getSubjects">;
  readonly #tasks: TaskStore;
  readonly #idempotency: IdempotencyKeys;

  constructor(options: {
    committer: Committer;
    crm: Pick<CrmReader, "getSubjects">;
    tasks: TaskStore;
    idempotency: IdempotencyKeys;
  }) {
    this.#committer = options.committer;
    this.#crm = options.crm;
    this.#tasks = options.tasks;
    this.#idempotency = options.idempotency;
  }

  async create(caller: Caller, input: CreateTaskInput): Promise<TaskOutcome> {
    requireRole(caller, "MEMBER");
    const { leadId, contactId = null, assigneeIds, idempotencyKey, ...values } = input;
    checkText(input.description, ["input", "description"], { max: MAX_DESCRIPTION, min: 1 });
    const errors = await this.#checkSubjects(caller.scope, { leadId, contactId, assigneeIds }, ["input"]);
    if (errors.length > 0) return { task: null, userErrors: errors };

    const at = this.#committer.clock.now();
    const task: Task = {
      _id: newId(at),
      organizationId: caller.scope.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      kind: "TASK",
      status: "OPEN",
      reason: null,
      description: input.description,
      dueAt: input.dueAt ?? at,
      optional: false,
      assigneeIds,
      leadId,
      contactId,
      origin: null,
      isAwaited: false,
      createdBy: caller.actor,
      completedBy: null,
      completedAt: null,
    };
    const call = {
      operation: "createTask",
      key: idempotencyKey,
      input: { ...values, leadId, contactId, assigneeIds },
      at,
    };
    const result = await this.#committer.commit((unit) =>
      this.#idempotency.once(caller.scope, call, unit.session, async () => {
        await this.#tasks.insertMany(caller.scope, [task], unit.session);
        return task._id;
      }),
    );
    if ("userError" in result) return { task: null, userErrors: [result.userError] };
    return { task: await this.#tasks.find(caller.scope, result.answer), userErrors: [] };
  }

  /** An assignee's or an admin's. A run that waits for the task goes on. */
  complete(caller: Caller, id: string): Promise<TaskOutcome> {
    return this.#change(caller, id, async (task, unit) => {
      if (caller.role !== "ADMIN" && !(caller.userId && task.assigneeIds.includes(caller.userId))) {
        throw new ForbiddenError("Only an assignee or an admin completes a task.");
      }
      if (task.status !== "OPEN") return userError("TASK_NOT_OPEN", `The task is ${task.status}.`, ["id"]);
      const at = this.#committer.clock.now();
      this.#tellEnd(task, { outcome: "DONE", taskId: task._id, at }, unit);
      unit.tell({
        kind: "taskCompleted",
        organizationId: task.organizationId,
        items: [taskCompleted(task, caller, newId(at), at)],
      });
      const completed = { status: "COMPLETED" as const, completedBy: caller.userId, completedAt: at };
      return { ...completed, isAwaited: false, updatedAt: at };
    });
  }

  /** The task alone: a run that has gone on does not come back. */
  reopen(caller: Caller, id: string): Promise<TaskOutcome> {
    return this.#change(caller, id, async (task) => {
      if (task.status === "OPEN") return userError("TASK_OPEN", "The task is open.", ["id"]);
      const updatedAt = this.#committer.clock.now();
      return { status: "OPEN", reason: null, completedBy: null, completedAt: null, updatedAt };
    });
  }

  async reassign(caller: Caller, id: string, assigneeIds: string[]): Promise<TaskOutcome> {
    requireRole(caller, "MEMBER");
    const task = await this.#tasks.find(caller.scope, id);
    if (!task) return notFound();
    const { leadId } = task;
    const errors = await this.#checkSubjects(
      caller.scope,
      { leadId: null, subjectLeadId: leadId, contactId: null, assigneeIds },
      [],
    );
    if (errors.length > 0) return { task: null, userErrors: errors };
    return this.#change(caller, id, async () => ({ assigneeIds, updatedAt: this.#committer.clock.now() }));
  }

  reschedule(caller: Caller, id: string, dueAt: Date): Promise<TaskOutcome> {
    return this.#change(caller, id, async () => ({ dueAt, updatedAt: this.#committer.clock.now() }));
  }

  /** Deleting an open required task ends its step as SKIPPED. */
  async remove(caller: Caller, id: string): Promise<{ deletedId: string | null; userErrors: UserError[] }> {
    requireRole(caller, "MEMBER");
    const isDeleted = await this.#committer.commit(async (unit) => {
      const task = await this.#tasks.find(caller.scope, id, unit.session);
      if (!task || !(await this.#tasks.remove(caller.scope, task, unit.session))) return false;
      this.#tellEnd(task, { outcome: "SKIPPED", reason: REASONS.taskDeleted, at: this.#committer.clock.now() }, unit);
      return true;
    });
    return isDeleted ? { deletedId: id, userErrors: [] } : { deletedId: null, userErrors: notFound().userErrors };
  }

  /** Reads, decides and writes in one transaction. */
  #change(
    caller: Caller,
    id: string,
    decide: (task: Task, unit: UnitOfWork) => Promise<UserError | Parameters<TaskStore["change"]>[2]>,
  ): Promise<TaskOutcome> {
    requireRole(caller, "MEMBER");
    return this.#committer.commit(async (unit) => {
      const task = await this.#tasks.find(caller.scope, id, unit.session);
      if (!task) return notFound();
      const decision = await decide(task, unit);
      if ("code" in decision) return { task: null, userErrors: [decision] };
      return { task: await this.#tasks.change(caller.scope, task, decision, unit.session), userErrors: [] };
    });
  }

  #tellEnd(task: Task, ending: Parameters<typeof stepResult>[1], unit: UnitOfWork): void {
    if (!task.isAwaited || !task.origin) return;
    const { organizationId, origin } = task;
    unit.tell({ kind: "tasksStepEnded", organizationId, items: [stepResult(origin, ending)] });
  }

  /** What a task names must exist in the organization, and its assignees be active. */
  async #checkSubjects(
    { organizationId }: OrganizationScope,
    named: { leadId: string | null; subjectLeadId?: string; contactId: string | null; assigneeIds: string[] },
    path: readonly string[],
  ): Promise<UserError[]> {
    const { leadId, contactId, assigneeIds } = named;
    const assigneesPath = [...path, "assigneeIds"];
    if (assigneeIds.length === 0)
      return [userError("ASSIGNEE_REQUIRED", "A task has at least one assignee.", assigneesPath)];
    if (assigneeIds.length > MAX_ASSIGNEES) {
      return [userError("TOO_MANY", `A task has at most ${MAX_ASSIGNEES} assignees.`, assigneesPath)];
    }
    const duplicate = assigneeIds.findIndex((id, index) => assigneeIds.indexOf(id) < index);
    if (duplicate !== -1) {
      return [userError("DUPLICATE", "This assignee is named twice.", [...assigneesPath, String(duplicate)])];
    }
    const notThere = (what: string, field: string) =>
      userError("NOT_FOUND", `There is no such ${what}.`, [...path, field]);
    if (leadId !== null && !isId(leadId)) return [notThere("lead", "leadId")];
    if (contactId !== null && !isId(contactId)) return [notThere("contact", "contactId")];

    const userIds = assigneeIds.filter(isId);
    const request = { leadId: leadId ?? named.subjectLeadId ?? "", contactId, opportunityId: null, userIds };
    const [subject] = (await this.#crm.getSubjects({ organizationId, subjects: [request] })).subjects;
    const errors: UserError[] = [];
    if (leadId !== null && !subject?.lead) errors.push(notThere("lead", "leadId"));
    else if (contactId !== null && subject?.contact?.leadId !== leadId) {
      errors.push(notThere("contact of this lead", "contactId"));
    }
    const users = new Map(subject?.users.flatMap((user) => (user ? [[user.id, user.status]] : [])));
    for (const [index, id] of assigneeIds.entries()) {
      const at = [...assigneesPath, String(index)];
      const status = users.get(id);
      if (!status) errors.push(userError("NOT_FOUND", "There is no such user.", at));
      else if (status !== "ACTIVE") errors.push(userError("USER_DEACTIVATED", "This user is deactivated.", at));
    }
    return errors;
  }
}

function notFound(): TaskOutcome {
  return { task: null, userErrors: [userError("NOT_FOUND", "There is no such task.", ["id"])] };
}
