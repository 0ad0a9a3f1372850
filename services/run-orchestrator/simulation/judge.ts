import { COMMUNICATION_KINDS } from "@cadenza/contracts";
import { currentExecution, ENDED_STATUSES, isClaimed, type Run } from "../src/runs/model.ts";
import { REASONS } from "../src/runs/reasons.ts";
import type { MemoryDatabase } from "./memory-database.ts";
import type { Receivers, Send } from "./receivers.ts";

/** No zone's date begins longer before UTC's. */
const EARLIEST_MIDNIGHT_MS = 14 * 3_600_000;

/** Looks at every commit and every send, and complains of what must not be. */
export class Judge {
  readonly complaints: string[] = [];

  complain(run: Run, what: string): void {
    this.complaints.push(`Run ${run._id} ${what}.`);
  }

  commit(run: Run, before: Run | undefined): void {
    const current = currentExecution(run);
    const isUnderWay = current !== null && isClaimed(current) && run.status === "PAUSED";
    if ((run.status === "ACTIVE" || isUnderWay) && !run.wakeAt) this.complain(run, `is ${run.status} and has no alarm`);
    if (run.executions.filter(({ status }) => !ENDED_STATUSES.has(status)).length > 1)
      this.complain(run, "stands at two steps");
    if (before && run.version !== before.version + 1)
      this.complain(run, `jumped from version ${before.version} to ${run.version}`);
    if (run.reason?.code === REASONS.internalError.code) this.complain(run, "was given up");
    if (before) this.#ends(run, before);
    if (before?.holdUntilDate) this.#absence(run, before.holdUntilDate, before);
  }

  /** What has ended stays so, but for what a goal stopped: it may turn out to have happened, or be taken up again. */
  #ends(run: Run, before: Run): void {
    for (const [index, { status, stepId }] of before.executions.entries()) {
      const now = run.executions[index];
      if (!ENDED_STATUSES.has(status) || (now?.stepId === stepId && now.status === status)) continue;
      const happened = !run.open && !before.open && status === "CANCELED" && now?.status === "DONE";
      const isTakenUp = before.status === "GOAL_MET" && run.open && status === "CANCELED";
      if (!happened && !(isTakenUp && index === before.executions.length - 1))
        this.complain(run, `had a step end as ${status} and then as ${now?.status}`);
    }
  }

  #absence(run: Run, holdUntilDate: string, before: Run): void {
    const until = new Date(Date.parse(`${holdUntilDate}T00:00:00.000Z`) - EARLIEST_MIDNIGHT_MS);
    const was = currentExecution(before);
    for (const { kind, stepId, startedAt, attempt } of run.executions) {
      const isNew = was === null || was.stepId !== stepId || was.attempt !== attempt;
      const isOld = before.executions.some((known) => known.stepId === stepId && known.attempt === attempt);
      if (COMMUNICATION_KINDS.has(kind) && isNew && !isOld && startedAt && startedAt < until)
        this.complain(run, `addresses a contact who is away until ${holdUntilDate}`);
    }
  }

  /** Of a run that is over nothing goes out but what its withdrawal has not reached. */
  send({ key, runId }: Send, { runs, withdrawals }: MemoryDatabase, receivers: Receivers): void {
    const run = runs.get(runId);
    if (receivers.withdrawn.has(key)) this.complaints.push(`${key} was sent after it had been withdrawn.`);
    if (run && !run.open && !withdrawals.has(key)) this.complain(run, `is over, and ${key} was sent unhindered`);
  }

  ledger({ sends, effects, untimely }: Receivers, runs: Iterable<Run>): void {
    for (const key of untimely) this.complaints.push(`${key} was asked for while its window was closed.`);
    for (const [step, own] of Map.groupBy(sends, ({ runId, stepId }) => `${runId}:${stepId}`)) {
      if (own.length > 1) this.complaints.push(`Step ${step} was sent ${own.length} times.`);
    }
    for (const send of sends) if (!send.insideWindow) this.complaints.push(`${send.key} was sent outside its window.`);
    for (const [key, count] of effects) if (count > 1) this.complaints.push(`${key} had its effect ${count} times.`);
    const sent = new Set(sends.map(({ runId, stepId }) => `${runId}:${stepId}`));
    for (const run of runs)
      for (const { kind, status, stepId } of run.executions)
        if (kind === "EMAIL" && status === "DONE" && !sent.has(`${run._id}:${stepId}`))
          this.complain(run, `shows a message as sent that never was`);
  }
}
