import { badUserInput, pageArguments, toCountedConnection } from "@cadenza/subgraph";
import type { GraphContext } from "../graph-context.ts";
import type { Task } from "./model.ts";
import type { CreateTaskInput } from "./service.ts";
import type { TaskFilter } from "./store.ts";

type Id = { id: string };
type ListArguments = { first?: number; after?: string; filter?: TaskFilter | null };

/** Ids of one filter list. */
const MAX_IDS = 200;

export const taskResolvers = {
  Query: {
    task: (_: unknown, { id }: Id, { loaders }: GraphContext) => loaders.task.load(id),
    tasks: (_: unknown, args: ListArguments, context: GraphContext) => list(args, args.filter ?? {}, context),
  },
  Mutation: {
    createTask: (_: unknown, { input }: { input: CreateTaskInput }, context: GraphContext) =>
      context.service.create(context, input),
    completeTask: (_: unknown, { id }: Id, context: GraphContext) => context.service.complete(context, id),
    reopenTask: (_: unknown, { id }: Id, context: GraphContext) => context.service.reopen(context, id),
    reassignTask: (_: unknown, { id, assigneeIds }: Id & { assigneeIds: string[] }, context: GraphContext) =>
      context.service.reassign(context, id, assigneeIds),
    rescheduleTask: (_: unknown, { id, dueAt }: Id & { dueAt: Date }, context: GraphContext) =>
      context.service.reschedule(context, id, dueAt),
    deleteTask: (_: unknown, { id }: Id, context: GraphContext) => context.service.remove(context, id),
  },
  Lead: {
    __resolveReference: ({ id }: Id) => ({ id }),
    tasks: (lead: Id, args: ListArguments, context: GraphContext) => {
      const filter = args.filter ?? {};
      // A filter that names other leads finds nothing here.
      const leadIds = filter.leadIds && !filter.leadIds.includes(lead.id) ? [] : [lead.id];
      return list(args, { ...filter, leadIds }, context);
    },
  },
  Task: {
    __resolveReference: ({ id }: Id, { loaders }: GraphContext) => loaders.task.load(id),
    id: ({ _id }: Task) => _id,
    assignees: ({ assigneeIds }: Task) => assigneeIds.map((id) => ({ id })),
    lead: ({ leadId }: Task) => ({ id: leadId }),
    contact: ({ contactId }: Task) => contactId && { id: contactId },
    run: ({ origin }: Task) => origin && { id: origin.runId },
    workflow: ({ origin }: Task) => origin && { id: origin.workflowId },
    completedBy: ({ completedBy }: Task) => completedBy && { id: completedBy },
  },
};

async function list(args: ListArguments, filter: TaskFilter, { scope, tasks }: GraphContext) {
  const { limit, after } = pageArguments(args);
  for (const [name, ids] of Object.entries(filter)) {
    if (!Array.isArray(ids) || ids.length <= MAX_IDS) continue;
    throw badUserInput(`At most ${MAX_IDS} entries.`, ["filter", name]);
  }
  const found = await tasks.list(scope, filter, { after, limit: limit + 1 });
  return toCountedConnection(
    found,
    { limit, after },
    ({ _id }) => _id,
    () => tasks.count(scope, filter),
  );
}
