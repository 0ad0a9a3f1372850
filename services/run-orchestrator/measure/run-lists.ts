import { parseArgs } from "node:util";
import { connectDatabase, type Database, organizationScope } from "@cadenza/storage";
import { idOf, newRun } from "../src/runs/definition-builder.ts";
import { OPEN_STATUSES, type Run, type RunStatus } from "../src/runs/model.ts";
import { RUN_INDEXES } from "../src/runs/run-indexes.ts";
import { placeOf, type RunPlace } from "../src/runs/run-places.ts";
import { RunStore } from "../src/runs/store.ts";
import { planOf } from "../src/run-graph/list-plan.ts";
import type { RunFilter } from "../src/run-graph/run-filter.ts";
import { RunQueries } from "../src/run-graph/run-queries.ts";

/** PERF-8: pages of run lists among a million runs of one organization, in a scratch database that is dropped at the end. */
const { values } = parseArgs({
  options: {
    /** A replica set that nothing else uses. */
    mongo: { type: "string" },
    runs: { type: "string", default: "1000000" },
  },
});
if (!values.mongo) throw new Error("Say where: --mongo mongodb://127.0.0.1:27017/?directConnection=true");

const BATCH = 5000;
const WORKFLOWS = 205;
const at = (batch: number): Date => new Date(Date.UTC(2026, 0, 1) + batch * 500);
const many = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => idOf(`${name}${i}`));

/** Most are waiting or finished; a few are whatever people look for. */
function runOf(n: number): Run {
  const place = n % 1000;
  const status: RunStatus =
    place < 700 ? "ACTIVE" : place < 997 ? "FINISHED" : place < 998 ? "PAUSED" : place < 999 ? "ERROR" : "CANCELED";
  const codes: Record<RunStatus, string[]> = {
    ACTIVE: n % 2 ? ["OUTSIDE_WINDOW"] : [],
    FINISHED: [],
    GOAL_MET: [],
    PAUSED: ["PAUSED_BY_HAND"],
    ERROR: ["UNKNOWN_OUTCOME", `CODE_${((n / 1000) % 20) | 0}`],
    CANCELED: ["RUN_CANCELED"],
  };
  const workflow = n % 10 < 9 ? n % 5 : 5 + (n % (WORKFLOWS - 5));
  const isOpen = OPEN_STATUSES.has(status);
  return newRun(`${n}`, at(Math.floor(n / 200)), {
    workflowId: idOf(`workflow${workflow}`),
    status,
    open: isOpen,
    currentStepId: isOpen ? idOf(`step${workflow * 3 + (n % 3)}`) : null,
    reasonCodes: codes[status],
    wakeAt: isOpen ? at(n) : null,
  });
}

const FILTERS: Record<string, RunFilter> = {
  "no filter": {},
  "a time": { startedAfter: at(1000), startedBefore: at(3000) },
  "ACTIVE, nearly all": { status: ["ACTIVE"] },
  "GOAL_MET, none": { status: ["GOAL_MET"] },
  "ERROR or PAUSED": { status: ["ERROR", "PAUSED"] },
  "a common reason": { reasonCodes: ["OUTSIDE_WINDOW"] },
  "a rare reason": { reasonCodes: ["CODE_7"] },
  "40 reasons": { reasonCodes: Array.from({ length: 40 }, (_, i) => `CODE_${i}`) },
  "a step": { currentStepIds: [idOf("step0")] },
  "a step, ERROR": { currentStepIds: [idOf("step0")], status: ["ERROR"] },
  "a step, a reason": { currentStepIds: [idOf("step0")], reasonCodes: ["CODE_7"] },
  "a workflow": { workflowIds: [idOf("workflow0")] },
  "a workflow, FINISHED, a time": { workflowIds: [idOf("workflow0")], status: ["FINISHED"], startedBefore: at(2000) },
  "a workflow, a rare reason": { workflowIds: [idOf("workflow0")], reasonCodes: ["CODE_7"] },
  "200 workflows": { workflowIds: many("workflow", 200) },
  "1,000 workflows": { workflowIds: many("workflow", 1000) },
  "1,000 contacts": { contactIds: Array.from({ length: 1000 }, (_, i) => idOf(`contact of ${i * 997}`)) },
};

async function fill(database: Database, count: number): Promise<void> {
  const runs = database.system<Run>("runs", "A measurement fills a scratch database.");
  const places = database.system<RunPlace>("runPlaces", "A measurement fills a scratch database.");
  for (let start = 0; start < count; start += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => runOf(start + i));
    await runs.insertMany(batch, { ordered: false, writeConcern: { w: 1 } });
    await places.insertMany(
      batch.map(placeOf).filter((place) => place !== null),
      { ordered: false, writeConcern: { w: 1 } },
    );
  }
  await database.ensureIndexes(RUN_INDEXES);
}

/** The best of three, because the machine does other things too. */
async function bestMs(work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const startedAt = performance.now();
    await work();
    best = Math.min(best, performance.now() - startedAt);
  }
  return Math.round(best * 10) / 10;
}

const database = await connectDatabase({ url: values.mongo, name: "cadenza_measures_run_lists" });
try {
  await database.connection.dropDatabase();
  process.stdout.write(`Making ${values.runs} runs …\n`);
  await fill(database, Number(values.runs));
  const scope = organizationScope(idOf("organization"));
  const queries = new RunQueries(new RunStore(database));
  for (const [what, filter] of Object.entries(FILTERS)) {
    const { index, parts } = planOf(filter);
    const first = await queries.list(scope, { first: 50 }, filter);
    const after = first.pageInfo.endCursor;
    const pageMs = await bestMs(() => queries.list(scope, { first: 50 }, filter));
    const nextMs = after ? await bestMs(() => queries.list(scope, { first: 50, after }, filter)) : null;
    const countMs = await bestMs(() => first.totalCount());
    const how = `${index}, ${parts.length} parts`;
    process.stdout.write(`${what} (${how}): page ${pageMs} ms, next ${nextMs ?? "-"} ms, count ${countMs} ms\n`);
  }
} finally {
  await database.connection.dropDatabase();
  await database.close();
}
