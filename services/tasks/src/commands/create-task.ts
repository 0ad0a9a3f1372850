import type { CrmReader } from "@cadenza/contracts";
import type { ConsumeCommandsOptions } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { TaskStore } from "../tasks/store.ts";
import { planTask } from "./plan-task.ts";
import { readSubjects } from "./subjects.ts";

/**
 * Makes the tasks of a batch of steps (TASK-1, TASK-2). A key that was withdrawn before its command arrived never comes
 * here: `withdrawTasks` has stored its result.
 */
export function createTasks(options: {
  crm: Pick<CrmReader, "getSubjects">;
  tasks: TaskStore;
  clock: Clock;
}): ConsumeCommandsOptions<"createTask">["effect"] {
  const { crm, tasks, clock } = options;
  return async (commands, unit, { scope }) => {
    const { organization, subjects, users } = await readSubjects(crm, scope, commands);
    const now = clock.now();
    const plans = commands.map((command, index) => {
      return planTask(command, { organization, subject: subjects[index]!, users, now });
    });
    await tasks.insertMany(
      scope,
      plans.flatMap(({ task }) => task ?? []),
      unit.session,
    );
    return plans.map(({ result }) => result);
  };
}
