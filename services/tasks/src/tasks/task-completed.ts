import { NO_CAUSATION, type TaskCompleted } from "@cadenza/contracts";
import type { RequestContext } from "@cadenza/subgraph";
import type { Task } from "./model.ts";

/**
 * The event of a completion (TRG-1). A person's deed, whoever made the task: it has depth 0, and may start the workflow
 * whose step asked for it (TRG-4). Each completion is an event of its own; a task may be opened again.
 */
export function taskCompleted(
  task: Task,
  { actor, userId }: Pick<RequestContext, "actor" | "userId">,
  key: string,
  at: Date,
): TaskCompleted {
  const { _id: taskId, kind, description, leadId, contactId, origin } = task;
  const runId = origin?.runId ?? null;
  const about = { taskId, kind, description, leadId, contactId, runId, completedById: userId };
  return { key, ...about, actor, causation: NO_CAUSATION, at };
}
