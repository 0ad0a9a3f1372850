import type { RequestContext } from "@cadenza/subgraph";
import DataLoader from "dataloader";
import type { Task } from "./tasks/model.ts";
import type { TaskService } from "./tasks/service.ts";
import type { TaskStore } from "./tasks/store.ts";

export type GraphDependencies = { service: TaskService; tasks: TaskStore };

/** What resolvers are given: the caller, and what reads and changes for them. */
export type GraphContext = RequestContext & GraphDependencies & { loaders: { task: DataLoader<string, Task | null> } };

export function createGraphContext(base: RequestContext, dependencies: GraphDependencies): GraphContext {
  const { tasks } = dependencies;
  return { ...base, ...dependencies, loaders: { task: new DataLoader((ids) => tasks.findMany(base.scope, ids)) } };
}
