import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { task, updateLead } from "../runs/definition-builder.ts";
import type { RunStatus } from "../runs/model.ts";
import { type Enrolling, enrolling } from "../testing/enrolling.ts";
import { type House, startHouse } from "../testing/house.ts";
import type { BulkRunAction } from "./bulk-job.ts";

type Job = {
  id: string;
  status: string;
  total: number | null;
  processed: number;
  succeeded: number;
  skipped: number;
  reasons: { reason: { code: string }; count: number }[];
};

let house: House;
let world: Enrolling;
beforeAll(async () => {
  house = await startHouse();
  world = enrolling(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const ADA = { kind: "USER", id: null, label: "Ada" } as const;
const JOB = `id status total processed succeeded skipped reasons { reason { code } count }`;
async function act(action: BulkRunAction, filter: object): Promise<Job> {
  const { bulkRunAction } = await house.data<{ bulkRunAction: { job: Job } }>(
    `mutation($action: BulkRunAction!, $filter: RunFilter!) { bulkRunAction(action: $action, filter: $filter) { job { ${JOB} } } }`,
    { action, filter },
  );
  return eventually(async () => {
    const { bulkJob } = await house.data<{ bulkJob: Job }>(
      `query($id: ID!) { bulkJob(id: $id) { ${JOB} } }`,
      bulkRunAction.job,
    );
    expect(bulkJob.status).toBe("SUCCEEDED");
    return bulkJob;
  });
}

/** One run in each of these states, of one workflow. The first step of the failed one is a task that cannot be made. */
async function oneOfEach(): Promise<{ workflowId: string; runs: Record<RunStatus, string> }> {
  const first = updateLead("first");
  const later = task("later", { delay: { amount: 1, unit: "DAY" } });
  const short = world.workflow({}, "ACTIVE", [first]);
  const { workflowId } = short;
  const { engine } = house.first;
  const runs: Partial<Record<RunStatus, string>> = {};
  const contacts = house.crm.addLead(house.organizationId, "Acme", 6).contactIds;
  for (const status of ["FINISHED", "GOAL_MET"] as const)
    runs[status] = await world.started(workflowId, contacts.pop()!);
  await eventually(async () => expect((await world.runOf(runs.GOAL_MET!)).status).toBe("FINISHED"));
  await eventually(async () => expect((await world.runOf(runs.FINISHED!)).status).toBe("FINISHED"));
  house.definitions.put({ ...short, revision: 2, places: [...short.places, { stepId: later.id, step: later }] });
  for (const status of ["ACTIVE", "PAUSED", "ERROR", "CANCELED"] as const)
    runs[status] = await world.started(workflowId, contacts.pop()!);
  for (const status of ["ACTIVE", "PAUSED", "ERROR", "CANCELED"] as const)
    await eventually(async () => expect((await world.runOf(runs[status]!)).executions).toHaveLength(2));
  await engine.apply(house.scope, [runs.PAUSED!], { kind: "pause", actor: ADA });
  await engine.apply(house.scope, [runs.CANCELED!], { kind: "cancel", actor: ADA });
  await house.committer.commit((unit) => engine.applyIn(unit, house.scope, [runs.ERROR!], { kind: "giveUp" }));
  await eventually(async () => expect((await world.runOf(runs.ERROR!)).status).toBe("ERROR"));
  return { workflowId, runs: runs as Record<RunStatus, string> };
}

/** Of FINISHED two: what a goal ended is resumed by the same rule. */
const cases: [BulkRunAction, succeeded: number, reasons: Record<string, number>][] = [
  ["PAUSE", 3, { RUN_NOT_OPEN: 3 }],
  ["RESUME", 1, { RUN_NOT_RESUMABLE: 5 }],
  ["RESUME_FINISHED", 2, { RUN_NOT_RESUMABLE: 4 }],
  ["CANCEL", 3, { RUN_NOT_OPEN: 3 }],
  ["RETRY", 1, { RUN_NOT_RETRYABLE: 5 }],
  ["SKIP_STEP", 3, { RUN_NOT_OPEN: 3 }],
];

test.each(cases)(
  "ENR-6, RUN-5: %s over a filter does it to those it may, and says why to the others",
  async (action, succeeded, reasons) => {
    const { workflowId } = await oneOfEach();
    const job = await act(action, { workflowIds: [workflowId] });
    expect(job).toMatchObject({ total: 6, processed: 6, succeeded, skipped: 6 - succeeded });
    const counts: Record<string, number> = {};
    for (const { reason, count } of job.reasons) counts[reason.code] = (counts[reason.code] ?? 0) + count;
    expect(counts).toEqual(reasons);
  },
);

test("ENR-1, RUN-7: of several ended runs of one contact a bulk action resumes one", async () => {
  const short = world.workflow({ reentry: { mode: "AFTER_END", minimumDaysSinceLastStart: 0 } }, "ACTIVE", [
    updateLead("first"),
  ]);
  const { contactIds } = house.crm.addLead(house.organizationId, "Acme");
  for (let i = 0; i < 3; i++) {
    const runId = await world.started(short.workflowId, contactIds[0]!);
    await eventually(async () => expect((await world.runOf(runId)).status).toBe("FINISHED"));
  }
  const later = task("later");
  house.definitions.put({ ...short, revision: 2, places: [...short.places, { stepId: later.id, step: later }] });
  const job = await act("RESUME_FINISHED", { workflowIds: [short.workflowId] });
  expect(job).toMatchObject({
    succeeded: 1,
    skipped: 2,
    reasons: [{ reason: { code: "ALREADY_ENROLLED" }, count: 2 }],
  });
  expect(await world.openOf(contactIds[0]!)).toHaveLength(1);
});

test("ENR-1: of two jobs that resume at one moment what may not be open together, the later one skips it", async () => {
  const exclusivity = { group: `group ${newId(realClock.now())}`, onConflict: "SKIP" as const };
  const later = task("later");
  const two = [0, 1].map(() => world.workflow({ exclusivity }, "ACTIVE", [updateLead("first")]));
  const { contactIds } = house.crm.addLead(house.organizationId, "Acme", 40);
  for (const { workflowId } of two) {
    const runs = await Promise.all(contactIds.map((contactId) => world.started(workflowId, contactId)));
    for (const runId of runs) await eventually(async () => expect((await world.runOf(runId)).status).toBe("FINISHED"));
  }
  for (const workflow of two)
    house.definitions.put({
      ...workflow,
      revision: 2,
      places: [...workflow.places, { stepId: later.id, step: later }],
    });
  const jobs = await Promise.all(two.map(({ workflowId }) => act("RESUME_FINISHED", { workflowIds: [workflowId] })));
  expect(jobs.map(({ processed }) => processed)).toEqual([40, 40]);
  expect(jobs[0]!.succeeded + jobs[1]!.succeeded).toBe(40);
  expect(jobs[0]!.skipped + jobs[1]!.skipped).toBe(40);
  for (const { reasons } of jobs) for (const { reason } of reasons) expect(reason.code).toBe("EXCLUSIVITY");
  expect(await house.runs.tenant.count(house.scope, { contactId: { $in: contactIds }, open: true })).toBe(40);
});
