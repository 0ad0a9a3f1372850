import type { Input } from "../runs/decide.ts";
import type { Run } from "../runs/model.ts";
import type { RunSignal } from "./signals-of.ts";

/** A signal, and the workflows whose runs it says something to. */
export type HeardSignal = { signal: RunSignal; workflowIds: ReadonlySet<string> };
/** An open run that one of several signals may concern. */
export type Candidate = Pick<Run, "_id" | "workflowId" | "leadId" | "contactId" | "opportunityId" | "startedAt">;
export type Page = {
  moves: { runId: string; input: Input }[];
  /** The last run that this page has dealt with; null where it is the last page. */
  lastRunId: string | null;
};

/**
 * Which of the candidates each signal concerns, up to `maxRuns` of them.
 * @param candidates in the order of their ids; those behind the last one are not known where `isWhole` is false.
 */
export function pageOf(
  heard: readonly HeardSignal[],
  candidates: readonly Candidate[],
  { maxRuns, isWhole }: { maxRuns: number; isWhole: boolean },
): Page {
  const moves: Page["moves"] = [];
  let runs = 0;
  let last: string | null = null;
  for (const run of candidates) {
    const own = heard.filter(({ signal, workflowIds }) => workflowIds.has(run.workflowId) && concerns(signal, run));
    if (own.length > 0 && runs === maxRuns) return { moves, lastRunId: last };
    if (own.length > 0) runs++;
    for (const { signal } of own) moves.push({ runId: run._id, input: inputOf(signal) });
    last = run._id;
  }
  return { moves, lastRunId: isWhole ? null : last };
}

/** What a run that started later is told nothing of: it was enrolled in the knowledge of it. */
function concerns({ about, at, afterRunId }: RunSignal, run: Candidate): boolean {
  if (run.startedAt > at || (afterRunId !== null && run._id <= afterRunId)) return false;
  if (run._id === about.runId || run.contactId === about.contactId) return true;
  if (run.leadId !== about.leadId) return false;
  return about.opportunityId === null || run.opportunityId === null || run.opportunityId === about.opportunityId;
}

function inputOf({ key, at, goal, untilDate }: RunSignal): Input {
  if (goal) return { kind: "goalMet", goal: { ...goal, sourceId: key, at } };
  if (untilDate !== null) return { kind: "autoReply", untilDate };
  throw new Error("A signal says nothing.");
}
