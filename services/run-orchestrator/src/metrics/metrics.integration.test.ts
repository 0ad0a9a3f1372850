import { newId, realClock } from "@cadenza/platform";
import type { Database } from "@cadenza/storage";
import { eventually, TestClock } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { ADA } from "../runs/run-walk.ts";
import { definition, task, updateLead } from "../runs/definition-builder.ts";
import type { Run } from "../runs/model.ts";
import type { NewRun } from "../runs/new-run.ts";
import { type House, startHouse } from "../testing/house.ts";
import { MetricsService } from "./metrics-service.ts";
import { addChange, type Tally } from "./tally.ts";
import { TallyFolder } from "./tally-folder.ts";
import { metricsOf } from "./workflow-metrics.ts";

const id = (): string => newId(realClock.now());
const HOUR_MS = 3_600_000;

function put(house: House, names: string[], workflowId = id(), revision = 1) {
  const steps = names.map((name) => (name.startsWith("task") ? task(name) : updateLead(name)));
  return house.definitions.put(definition(steps, { organizationId: house.organizationId, workflowId, revision }));
}

function startOf(house: House, workflowId: string): NewRun {
  const [leadId, contactId] = [id(), id()];
  return {
    id: id(),
    organizationId: house.organizationId,
    workflowId,
    leadId,
    contactId,
    opportunityId: null,
    ordinal: 1,
    startedBy: ADA,
    enrollingUserId: null,
    event: null,
    depth: 0,
    chosenAccountIds: [],
  };
}

/** Counted anew, run by run. */
async function recount(house: House, workflowId: string, started: { from?: Date; to?: Date } = {}): Promise<Tally> {
  const { from = new Date(0), to = new Date(8.64e15) } = started;
  const runs = await house.runs.tenant.find(house.scope, { workflowId, startedAt: { $gte: from, $lt: to } }, {});
  const tally: Tally = new Map();
  for (const run of runs) addChange(tally, null, run);
  return tally;
}

const serviceOf = (house: House, database: Database = house.committer.database) =>
  new MetricsService({
    database,
    runs: house.runs,
    tallies: house.runs.tallies,
    definitions: { current: async () => new Map() },
  });
const folderOf = (house: House) =>
  new TallyFolder({
    database: house.committer.database,
    tallies: house.runs.tallies,
    shards: { owned: () => new Set(Array.from({ length: 256 }, (_, shard) => shard)) },
    log: { warn: () => undefined },
  });

test("API-1: numbers are those of a recount, through races, edits, goals, a crash and folding at any time", async () => {
  await using house = await startHouse();
  const second = await house.replica();
  const { workflowId } = put(house, ["one", "task two", "three"]);
  const { committer, first, scope } = house;
  const starts = Array.from({ length: 300 }, () => startOf(house, workflowId));
  const lots = Array.from({ length: 10 }, (_, i) => starts.slice(i * 30, (i + 1) * 30));
  const { definition: newest } = (await currentOf(house, workflowId))!;
  const folder = folderOf(house);
  let isOver = false;
  const folding = (async () => {
    while (!isOver) await folder.fold();
  })();
  await using _ = {
    [Symbol.asyncDispose]: () => (
      (isOver = true),
      folding.then(
        () => undefined,
        () => undefined,
      )
    ),
  };
  await Promise.all(lots.map((lot) => committer.commit((unit) => first.engine.startRuns(unit, lot, newest))));
  await second.abandon();
  const ids = starts.map(({ id }) => id);
  const actor = ADA;
  const goal = { code: "MEETING_BOOKED", statusId: null, sourceId: id(), at: realClock.now() } as const;
  await Promise.all([
    first.engine.apply(scope, ids.slice(0, 100), { kind: "pause", actor }),
    first.engine.apply(scope, ids.slice(50, 150), { kind: "skipStep", actor, stepId: null }),
    first.engine.apply(scope, ids.slice(90, 120), { kind: "cancel", actor }),
    committer.commit((unit) => first.engine.applyIn(unit, scope, ids.slice(200, 230), { kind: "goalMet", goal })),
  ]);
  put(house, ["one", "task four"], workflowId, 2);
  const change = { key: id(), workflowId, revision: 2, status: "ACTIVE", actor, at: realClock.now() } as const;
  await house.publish("workflowChanged", [change]);
  await first.engine.apply(scope, ids.slice(0, 60), { kind: "resume", actor });
  await eventually(
    async () => {
      const moving = await house.runs.tenant.count(scope, {
        workflowId,
        "executions.kind": "UPDATE_LEAD",
        "executions.status": "PROCESSING",
        currentStepId: updateLead("one").id,
      } as Partial<Run>);
      expect(moving).toBe(0);
    },
    { timeoutMs: 20_000 },
  );

  // One reads while others still write: both sides are of one instant.
  const service = serviceOf(house);
  for (let i = 0; i < 20; i++) {
    const [[counts], metrics] = await Promise.all([
      service.runCounts(scope, [workflowId]),
      service.metrics(scope, workflowId, {}),
    ]);
    expect(counts!.total).toBe(300);
    expect(metrics.enrolled).toBe(300);
  }
  isOver = true;
  await folding;
  const expected = async () => metricsOf(await recount(house, workflowId), []);
  await eventually(async () => expect(await service.metrics(scope, workflowId, {})).toEqual(await expected()));
  await folder.fold();
  await eventually(async () => expect(await service.metrics(scope, workflowId, {})).toEqual(await expected()));
  expect(await service.metrics({ ...scope, organizationId: id() } as typeof scope, workflowId, {})).toMatchObject({
    enrolled: 0,
  });
}, 60_000);

test("API-1: a period takes the runs that started in it, to the millisecond, across days and within one", async () => {
  const clock = new TestClock(new Date("2026-03-01T00:00:00.000Z"));
  await using house = await startHouse({ clock });
  const { workflowId } = put(house, ["task one"]);
  const { definition: newest } = (await currentOf(house, workflowId))!;
  for (let hours = 0; hours < 96; hours += 6) {
    clock.set(new Date(Date.UTC(2026, 2, 1) + hours * HOUR_MS));
    await house.committer.commit((unit) => house.first.engine.startRuns(unit, [startOf(house, workflowId)], newest));
    if (hours === 48) await folderOf(house).fold();
  }
  const service = serviceOf(house);
  const at = (hours: number, ms = 0) => new Date(Date.UTC(2026, 2, 1) + hours * HOUR_MS + ms);
  const periods = [
    { from: at(0), to: at(96) },
    { from: at(24), to: at(48) },
    { from: at(6), to: at(90) },
    { from: at(6, 1), to: at(90, 1) },
    { from: at(25), to: at(31) },
    { from: at(25), to: at(49) },
    { from: at(24), to: at(25) },
    { from: at(18), to: at(24) },
    { from: at(30) },
    { to: at(30) },
    { from: at(200) },
  ];
  for (const period of periods) {
    const { enrolled } = await service.metrics(house.scope, workflowId, period);
    expect([period, enrolled]).toEqual([period, (await recount(house, workflowId, period)).get("ACTIVE") ?? 0]);
  }
});

test("API-5: a period that is none is refused with its path, and a workflow shows its numbers in the graph", async () => {
  await using house = await startHouse();
  const { workflowId, places } = put(house, ["task one"]);
  const { contactIds } = house.crm.addLead(house.organizationId, "Counted");
  const enroll = `mutation($input: EnrollInput!) { enroll(input: $input) { userErrors { code } } }`;
  await house.data(enroll, { input: { workflowId, contactId: contactIds[0]! } });
  const query = `query($workflow: ID!, $from: DateTime, $to: DateTime) {
    _entities(representations: [{ __typename: "Workflow", id: $workflow }]) { ... on Workflow {
      runCounts { active total }
      metrics(from: $from, to: $to) { enrolled messagesSent bounceRate responseRate averageResponseSeconds perStep { stepId reached done skipped error } }
    } } }`;
  const instant = "2026-01-01T00:00:00Z";
  const refused = await house.ask(query, { workflow: workflowId, from: instant, to: instant });
  expect(refused.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", path: ["from"] } }]);
  const { _entities } = await house.data<{ _entities: unknown[] }>(query, { workflow: workflowId });
  const nothing = { messagesSent: 0, bounceRate: 0, responseRate: 0, averageResponseSeconds: null };
  const step = { stepId: places[0]!.stepId, reached: 1, done: 0, skipped: 0, error: 0 };
  expect(_entities).toEqual([
    { runCounts: { active: 1, total: 1 }, metrics: { enrolled: 1, ...nothing, perStep: [step] } },
  ]);
});

async function currentOf(house: House, workflowId: string) {
  const { definitions } = await house.definitions.get({
    revisions: [{ organizationId: house.organizationId, workflowId, revision: 1 }],
  });
  return definitions[0] && { definition: definitions[0] };
}
