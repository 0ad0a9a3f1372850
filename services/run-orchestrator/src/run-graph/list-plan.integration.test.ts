import { connectDatabase, type Database } from "@cadenza/storage";
import { testDatabase } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { idOf, newRun } from "../runs/definition-builder.ts";
import { RUN_STATUSES, type Run } from "../runs/model.ts";
import { RUN_INDEXES } from "../runs/run-indexes.ts";
import { RunStore } from "../runs/store.ts";
import { planOf } from "./list-plan.ts";
import type { RunFilter } from "./run-filter.ts";

let database: Database;
const closing: (() => Promise<unknown>)[] = [];
const organizationId = idOf("organization");

beforeAll(async () => {
  const stored = await testDatabase("lists");
  database = await connectDatabase({ url: stored.url, name: stored.name });
  closing.push(
    () => database.close(),
    () => stored.drop(),
  );
  await database.ensureIndexes(RUN_INDEXES);
  const runs = Array.from({ length: 400 }, (_, i) =>
    newRun(`run ${i}`, new Date(Date.UTC(2026, 0, 5, 9, i)), {
      workflowId: idOf(`workflow ${i % 5}`),
      status: RUN_STATUSES[i % RUN_STATUSES.length]!,
      currentStepId: i % 2 ? idOf(`step ${i % 3}`) : null,
      reasonCodes: i % 4 ? [] : ["OUTSIDE_WINDOW", `CODE_${i % 8}`],
    }),
  );
  await database.transaction((session) => new RunStore(database).insert(runs, session));
});
afterAll(async () => {
  for (const close of closing) await close();
});

const readFrom = (collection: "runs" | "runPlaces") =>
  database.system<Run>(collection, "A test looks at how lists are read.");

type Stage = { stage?: string; indexName?: string; [key: string]: unknown };
/** All stages of the plan that was chosen. */
async function stagesOf({ index, collection, parts }: ReturnType<typeof planOf>): Promise<Stage[]> {
  const explained = await Promise.all(
    parts.map((part) => {
      const query = readFrom(collection).find({ ...part, organizationId }, { hint: index });
      return query.sort({ startedAt: -1, _id: -1 }).limit(51).explain("queryPlanner") as Promise<{
        queryPlanner: { winningPlan: Stage };
      }>;
    }),
  );
  return explained.flatMap(({ queryPlanner }) => within(queryPlanner.winningPlan));
}

function within(node: unknown): Stage[] {
  if (typeof node !== "object" || node === null) return [];
  const below = Object.values(node).flatMap(within);
  return "stage" in node ? [node as Stage, ...below] : below;
}

const many = (name: string, count: number) => Array.from({ length: count }, (_, i) => idOf(`${name} ${i}`));
const NARROWINGS: RunFilter = {
  ids: [newRun("run 1").startedAt.toISOString()],
  workflowIds: [idOf("workflow 0")],
  leadIds: [idOf("lead of run 1")],
  contactIds: [idOf("contact of run 1")],
  status: ["ERROR"],
  reasonCodes: ["OUTSIDE_WINDOW"],
  currentStepIds: [idOf("step 1")],
  startedAfter: new Date(Date.UTC(2026, 0, 5)),
  startedBefore: new Date(Date.UTC(2026, 0, 6)),
};
const NAMES = Object.keys(NARROWINGS) as (keyof RunFilter)[];

test("RUN-8, PERF-8: whatever a list is narrowed by, it is read from an index in its order", async () => {
  const combinations = Array.from({ length: 2 ** NAMES.length }, (_, bits) =>
    Object.fromEntries(NAMES.filter((_, i) => bits & (1 << i)).map((name) => [name, NARROWINGS[name]])),
  ) as RunFilter[];
  await Promise.all(
    combinations.map(async (filter) => {
      const stages = await stagesOf(planOf(filter));
      const told = { filter: Object.keys(filter), stages: stages.map(({ stage }) => stage) };
      expect(told).not.toMatchObject({ stages: expect.arrayContaining(["COLLSCAN"]) });
      // Named ids are few.
      if (!filter.ids) expect(told).not.toMatchObject({ stages: expect.arrayContaining(["SORT"]) });
    }),
  );
}, 60_000);

test.each<[string, RunFilter, string]>([
  ["no filter", {}, "newest"],
  ["status", { status: ["ACTIVE", "PAUSED"] }, "ofStatus"],
  ["reasons", { reasonCodes: many("CODE", 40) }, "ofReason"],
  ["steps", { currentStepIds: many("step", 60) }, "ofStep"],
  ["workflows", { workflowIds: many("workflow", 200) }, "ofWorkflow"],
  ["workflows and reasons", { workflowIds: many("workflow", 20), reasonCodes: many("CODE", 3) }, "ofWorkflowReason"],
  ["too many of both", { workflowIds: many("workflow", 900), reasonCodes: many("CODE", 20) }, "ofReason"],
  ["leads", { leadIds: many("lead", 1000), status: ["ACTIVE"] }, "ofLead"],
  ["contacts", { contactIds: many("contact", 1000), reasonCodes: ["OUTSIDE_WINDOW"] }, "ofContact"],
])("RUN-8, PERF-8: %s: by one index, never more scans than MongoDB merges", async (_, filter, index) => {
  const plan = planOf(filter);
  expect(plan.index).toBe(index);
  const stages = await stagesOf(plan);
  expect(stages.map(({ stage }) => stage)).not.toContain("SORT");
  expect(new Set(stages.flatMap(({ indexName }) => indexName ?? []))).toEqual(new Set([index]));
});

test("RUN-8: an empty list finds nothing, and nothing is asked", () => {
  expect(planOf({ reasonCodes: [], status: ["ACTIVE"] }).parts).toEqual([]);
});

test("RUN-8: the parts of a list find what the whole filter finds", async () => {
  const filters: RunFilter[] = [
    { reasonCodes: ["OUTSIDE_WINDOW", "CODE_0", ...many("CODE", 60)] },
    { workflowIds: [...many("workflow", 5), ...many("other", 200)] },
    { currentStepIds: many("step", 80), status: ["PAUSED", "CANCELED"] },
    { leadIds: [...many("lead of run", 1), ...Array.from({ length: 300 }, (_, i) => idOf(`lead of run ${i}`))] },
  ];
  for (const filter of filters) {
    const { parts, query, collection } = planOf(filter);
    expect(parts.length).toBeGreaterThan(1);
    const idsOf = async (asked: typeof query) =>
      (
        await readFrom(collection)
          .find({ ...asked, organizationId })
          .toArray()
      ).map(({ _id }) => _id);
    const found = new Set((await Promise.all(parts.map(idsOf))).flat());
    const expected = new Set(await idsOf(query));
    expect(found).toEqual(expected);
    expect(expected.size).toBeGreaterThan(0);
  }
});
