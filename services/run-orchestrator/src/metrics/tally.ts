import type { Run, StepExecution } from "../runs/model.ts";

/**
 * What is counted of runs, as amounts by key: the runs' statuses by their names, `MESSAGE_KEYS`, and `stepKey`. Amounts add
 * up: the tally of many runs is the sum of theirs, and a change is a tally of what it adds. An amount of 0 has no key.
 */
export type Tally = Map<string, number>;

export const MESSAGE_KEYS = ["messagesSent", "bounced", "responded", "timedResponses", "responseMs"] as const;
type MessageKey = (typeof MESSAGE_KEYS)[number];
export const STEP_COUNTS = ["reached", "done", "skipped", "error"] as const;
export type StepCount = (typeof STEP_COUNTS)[number];

/** What a run's tally is made of. */
export type Tallied = Pick<Run, "status" | "respondedAt"> & {
  executions: readonly Pick<StepExecution, "stepId" | "kind" | "status" | "reason" | "messageId" | "endedAt">[];
};
type Execution = Tallied["executions"][number];

export function stepKey(stepId: string, count: StepCount): string {
  return `${stepId}:${count}`;
}

export function tallyOf(run: Tallied): Tally {
  const tally: Tally = new Map();
  addChange(tally, null, run);
  return tally;
}

/** Adds `tallyOf(after) - tallyOf(before)`. What is the same object in both costs nothing. */
export function addChange(to: Tally, before: Tallied | null, after: Tallied): void {
  if (before?.status !== after.status) {
    if (before) add(to, before.status, -1);
    add(to, after.status, 1);
  }
  const known = before?.executions ?? [];
  for (let i = 0; i < Math.max(known.length, after.executions.length); i++) {
    const [was, is] = [known[i], after.executions[i]];
    if (was === is) continue;
    if (was) addExecution(to, was, -1);
    if (is) addExecution(to, is, 1);
  }
  if (before?.respondedAt) addResponse(to, before, before.respondedAt, -1);
  if (after.respondedAt) addResponse(to, after, after.respondedAt, 1);
}

export function add(to: Tally, key: string, amount: number): void {
  const sum = (to.get(key) ?? 0) + amount;
  if (sum === 0) to.delete(key);
  else to.set(key, sum);
}

function addExecution(to: Tally, execution: Execution, sign: 1 | -1): void {
  const { stepId, status } = execution;
  add(to, stepKey(stepId, "reached"), sign);
  if (status === "DONE") add(to, stepKey(stepId, "done"), sign);
  else if (status === "SKIPPED") add(to, stepKey(stepId, "skipped"), sign);
  else if (status === "ERROR") add(to, stepKey(stepId, "error"), sign);
  if (isSent(execution)) add(to, "messagesSent" satisfies MessageKey, sign);
  else if (isBounced(execution)) add(to, "bounced" satisfies MessageKey, sign);
}

/** Measured from the last message before it; without one it counts, but has no time. */
function addResponse(to: Tally, { executions }: Tallied, respondedAt: Date, sign: 1 | -1): void {
  add(to, "responded" satisfies MessageKey, sign);
  let sentAt: Date | null = null;
  for (const execution of executions)
    if (execution.endedAt && execution.endedAt <= respondedAt && isSent(execution))
      if (!sentAt || execution.endedAt > sentAt) sentAt = execution.endedAt;
  if (!sentAt) return;
  add(to, "timedResponses" satisfies MessageKey, sign);
  add(to, "responseMs" satisfies MessageKey, sign * (respondedAt.getTime() - sentAt.getTime()));
}

function isMessage({ kind, messageId }: Execution): boolean {
  return (kind === "EMAIL" || kind === "SMS") && messageId !== null;
}

function isSent(execution: Execution): boolean {
  return execution.status === "DONE" && isMessage(execution);
}

/** A message that was made; of an address known to bounce none is made. */
function isBounced(execution: Execution): boolean {
  return execution.status === "SKIPPED" && execution.reason?.code === "BOUNCED" && isMessage(execution);
}
