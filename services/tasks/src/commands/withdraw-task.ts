import type { StepResult, WithdrawCommand } from "@cadenza/contracts";
import type { ConsumeCommandsOptions } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { Task } from "../tasks/model.ts";
import { REASONS } from "../tasks/reasons.ts";
import { stepResult } from "../tasks/step-result.ts";
import type { TaskStore } from "../tasks/store.ts";

/** Takes back tasks that runs still wait for (EDIT-4). What is answered is how the step has ended, under the step's own key. */
export function withdrawTasks(options: {
  tasks: TaskStore;
  clock: Clock;
}): ConsumeCommandsOptions<"withdrawTask">["effect"] {
  const { tasks, clock } = options;
  return async (commands, unit, { scope, recall, remember }) => {
    const keys = commands.map(({ effectKey }) => effectKey);
    const made = await tasks.findByCommandKeys(scope, keys, unit.session);
    const answered = await recall(keys);
    const now = clock.now();
    const plans = commands.map((command) => {
      const { effectKey } = command;
      return planWithdrawal(command, made.get(effectKey) ?? null, answered.get(effectKey) ?? null, now);
    });
    const cancellations = plans.flatMap(({ cancel, result }) => {
      return cancel ? [{ task: cancel, reason: result.reason, at: now }] : [];
    });
    await tasks.cancelMany(scope, cancellations, unit.session);
    // The step's command may arrive later; it then finds its key answered, and makes nothing.
    await remember(plans.filter(({ isOvertaking }) => isOvertaking).map(({ result }) => result));
    return plans.map(({ result }) => result);
  };
}

type Withdrawal = { result: StepResult; cancel: Task | null; isOvertaking: boolean };

/** Pure. @param answered what was answered to the step's command; null where that has not arrived. */
export function planWithdrawal(
  command: WithdrawCommand,
  task: Task | null,
  answered: StepResult | null,
  now: Date,
): Withdrawal {
  const origin = { ...command, key: command.effectKey };
  const canceled = (taskId: string | null): StepResult =>
    stepResult(origin, { outcome: "CANCELED", reason: command.reason, taskId, at: now });
  if (task) {
    if (task.isAwaited) return { result: canceled(task._id), cancel: task, isOvertaking: false };
    if (task.status === "CANCELED") return { result: canceled(task._id), cancel: null, isOvertaking: false };
    // Completed, though it may have been opened again since; or optional, and done as soon as it existed.
    const done = stepResult(origin, { outcome: "DONE", taskId: task._id, at: task.completedAt ?? task.createdAt });
    return { result: done, cancel: null, isOvertaking: false };
  }
  if (!answered) return { result: canceled(null), cancel: null, isOvertaking: true };
  if (answered.outcome !== "WAITING") return { result: answered, cancel: null, isOvertaking: false };
  const deleted = stepResult(origin, { outcome: "SKIPPED", reason: REASONS.taskDeleted, at: now });
  return { result: deleted, cancel: null, isOvertaking: false };
}
