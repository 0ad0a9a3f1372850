import type { CrmReader } from "@cadenza/contracts";
import { type Committer, consumeCommands, consumeMerges } from "@cadenza/messaging";
import type { Logger, OpsServer } from "@cadenza/platform";
import { createSubgraph, IDEMPOTENCY_INDEXES, IdempotencyKeys, loadTypeDefs } from "@cadenza/subgraph";
import { createTasks } from "./commands/create-task.ts";
import { withdrawTasks } from "./commands/withdraw-task.ts";
import { createGraphContext } from "./graph-context.ts";
import { taskResolvers } from "./tasks/resolvers.ts";
import { TaskService } from "./tasks/service.ts";
import { TASK_INDEXES, TaskStore } from "./tasks/store.ts";

export type TasksOptions = {
  committer: Committer;
  crm: Pick<CrmReader, "getSubjects">;
  http: OpsServer;
  internalSecret: string;
  /** Copies of the streams. */
  replicas: number;
  log: Logger;
};

/** Everything of the service but its process: connections come from outside. */
export async function startTasks(options: TasksOptions): Promise<{ drain(): Promise<void>; stop(): Promise<void> }> {
  const { committer, crm, http, internalSecret, replicas, log } = options;
  const { clock, database } = committer;
  await database.ensureIndexes([...TASK_INDEXES, ...IDEMPOTENCY_INDEXES]);
  await committer.start();

  const tasks = new TaskStore(database);
  const service = new TaskService({ committer, crm, tasks, idempotency: new IdempotencyKeys(database) });
  const subgraph = await createSubgraph({
    name: "tasks",
    typeDefs: loadTypeDefs(new URL(".", import.meta.url)),
    resolvers: taskResolvers,
    context: (base) => createGraphContext(base, { service, tasks }),
    http,
    internalSecret,
    log,
  });
  const consumers = await Promise.all([
    consumeCommands({ committer, kind: "createTask", replicas, effect: createTasks({ crm, tasks, clock }) }),
    consumeCommands({ committer, kind: "withdrawTask", replicas, effect: withdrawTasks({ tasks, clock }) }),
    consumeMerges({
      committer,
      durable: "tasks-merges",
      replicas,
      move: (scope, moves, { session }) => tasks.moveSubjects(scope, moves, clock.now(), session),
    }),
  ]);
  return {
    drain: async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
    stop: async () => {
      await subgraph.stop();
      await committer.stop();
    },
  };
}
