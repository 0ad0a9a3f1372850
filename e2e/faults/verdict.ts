import { expect } from "vitest";
import type { GraphClient } from "../stack/graph-client.ts";
import type { MailLedger } from "../stack/mail-ledger.ts";

export type Verdict = {
  runs: number;
  finished: number;
  /** Runs that stand at a send whose outcome nobody can know. */
  unknown: number;
  /** Of those, the ones whose mail the ledger has. */
  unknownAccepted: number;
  lost: string[];
  duplicated: string[];
  stuck: string[];
  seconds: number;
};

const RUNS = `query($id: ID!, $after: String) { workflow(id: $id) { runs(first: 200, after: $after) {
  nodes { id status reason { code } contact { emails { address } } executions { kind status message { status subject } } }
  pageInfo { hasNextPage endCursor } } } }`;

/** Holds every run against what the mail server wrote down. A send may show as UNKNOWN_OUTCOME; it may never happen twice. */
export async function judge(
  graph: GraphClient,
  ledger: MailLedger,
  workflowId: string,
  seconds: number,
): Promise<Verdict> {
  const runs = await allRuns(graph, workflowId);
  const accepted = ledger.counts();
  const verdict: Verdict = {
    runs: runs.length,
    finished: 0,
    unknown: 0,
    unknownAccepted: 0,
    lost: [],
    duplicated: [],
    stuck: [],
    seconds: Math.round(seconds),
  };
  for (const run of runs) {
    const address = run["contact"].emails[0].address as string;
    const last = run["executions"].at(-1)?.message;
    if (run["status"] === "FINISHED") verdict.finished++;
    else if (run["status"] === "ERROR" && last?.status === "UNKNOWN_OUTCOME") {
      verdict.unknown++;
      if (accepted.has(`${address} ${last.subject}`)) verdict.unknownAccepted++;
    } else verdict.stuck.push(`${run["id"]} ${run["status"]} ${run["reason"]?.code}`);
    for (const subject of ["First", "Second"]) {
      const times = accepted.get(`${address} ${subject}`) ?? 0;
      if (times > 1) verdict.duplicated.push(`${address} ${subject} x${times}`);
      if (times === 0 && run["status"] === "FINISHED") verdict.lost.push(`${address} ${subject}`);
    }
  }
  return verdict;
}

/** @param expected.unknown sends that may be in doubt at most: what was under way when a sender died (default 0). */
export function expectNothingLost(verdict: Verdict, expected: { runs: number; unknown?: number }): void {
  const { lost, duplicated, stuck } = verdict;
  const figures = { ...verdict, lost: lost.length, duplicated: duplicated.length, stuck: stuck.length };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  expect(verdict.runs).toBe(expected.runs);
  expect({ lost, duplicated, stuck }).toEqual({ lost: [], duplicated: [], stuck: [] });
  expect(verdict.unknown).toBeLessThanOrEqual(expected.unknown ?? 0);
}

async function allRuns(graph: GraphClient, workflowId: string): Promise<Record<string, any>[]> {
  const runs: Record<string, any>[] = [];
  let after: string | null = null;
  do {
    const data: Record<string, any> = await graph.data(RUNS, { id: workflowId, after });
    const page = data["workflow"].runs;
    runs.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return runs;
}
