import type { Step } from "@cadenza/contracts";
import { derivedId, newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, task, updateLead } from "../runs/definition-builder.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

type Job = {
  id: string;
  kind: string;
  status: string;
  total: number | null;
  processed: number;
  succeeded: number;
  skipped: number;
  failed: number;
  reasons: { reason: { code: string }; count: number }[];
};
type Payload = { job: Job | null; userErrors: { code: string; path: string[] | null }[] };

const JOB = `id kind status total processed succeeded skipped failed reasons { reason { code } count }`;
const id = (): string => newId(realClock.now());
const put = (steps: Step[] = [task("call back")], organizationId = house.organizationId) =>
  house.definitions.put(definition(steps, { organizationId, workflowId: id() }));
const enrollMany = async (input: object) =>
  (
    await house.data<{ enrollMany: Payload }>(
      `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { ${JOB} } userErrors { code path } } }`,
      { input },
    )
  ).enrollMany;
const act = async (action: string, filter: object) =>
  (
    await house.data<{ bulkRunAction: Payload }>(
      `mutation($action: BulkRunAction!, $filter: RunFilter!) { bulkRunAction(action: $action, filter: $filter) { job { ${JOB} } userErrors { code path } } }`,
      { action, filter },
    )
  ).bulkRunAction;
const jobOf = async (jobId: string, asker = {}) =>
  (await house.data<{ bulkJob: Job | null }>(`query($id: ID!) { bulkJob(id: $id) { ${JOB} } }`, { id: jobId }, asker))
    .bulkJob;
const ended = (jobId: string) =>
  eventually(
    async () => {
      const job = await jobOf(jobId);
      expect(job?.status).not.toBe("RUNNING");
      return job!;
    },
    { timeoutMs: 25_000 },
  );

/** A job that a dead replica has left behind. */
const deadJob = (left: { _id: string; startedAt: Date; workflowId: string; filterJson: string; faults?: number }) => ({
  _id: left._id as never,
  organizationId: house.organizationId,
  version: 1,
  createdAt: left.startedAt,
  updatedAt: left.startedAt,
  status: "RUNNING",
  actor: { kind: "SYSTEM" as const, id: null, label: "test" },
  work: {
    kind: "ENROLL",
    workflowId: left.workflowId,
    contactIds: null,
    filterJson: left.filterJson,
    chosenAccountIds: [],
    enrollingUserId: null,
  },
  total: null,
  processed: 0,
  succeeded: 0,
  skipped: 0,
  failed: 0,
  reasons: [],
  startedAt: left.startedAt,
  endedAt: null,
  cursor: "",
  upTo: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
  holder: "a dead replica",
  leaseUntil: new Date(left.startedAt.getTime() - 1),
  faults: left.faults ?? 0,
});

test("ENR-3: everyone a filter finds is enrolled once, and those who are not are counted by reason", async () => {
  const { workflowId } = put();
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Many", 1200);
  await house.data(`mutation($input: EnrollInput!) { enroll(input: $input) { run { id } } }`, {
    input: { workflowId, contactId: contactIds[7] },
  });
  const { job, userErrors } = await enrollMany({ workflowId, contactFilter: { leadIds: [leadId] } });
  expect(userErrors).toEqual([]);
  expect(job).toMatchObject({ kind: "ENROLL", status: "RUNNING", processed: 0 });
  expect(await ended(job!.id)).toMatchObject({
    status: "SUCCEEDED",
    total: 1200,
    processed: 1200,
    succeeded: 1199,
    skipped: 1,
    failed: 0,
    reasons: [{ reason: { code: "ALREADY_ENROLLED" }, count: 1 }],
  });
  const runs = await house.runs.tenant.find(house.scope, { workflowId }, { projection: { contactId: 1 } });
  expect(new Set(runs.map(({ contactId }) => contactId)).size).toBe(1200);
  expect(runs).toHaveLength(1200);
});

test("ENR-3, ENR-6: named contacts are enrolled each once; unknown and foreign ones are skipped as not found", async () => {
  const { workflowId } = put();
  const { contactIds } = house.crm.addLead(house.organizationId, "Named", 3);
  const foreign = house.crm.addLead(id(), "Elsewhere");
  const { job } = await enrollMany({
    workflowId,
    contactIds: [...contactIds, ...contactIds, foreign.contactIds[0], id(), "nonsense"],
  });
  expect(job!.total).toBe(6);
  expect(await ended(job!.id)).toMatchObject({
    succeeded: 3,
    skipped: 3,
    reasons: [{ reason: { code: "NOT_FOUND" }, count: 3 }],
  });
});

test("ENR-3: what a replica did before it died is not done twice by the one that goes on", async () => {
  const workflow = put();
  const { workflowId } = workflow;
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Crash", 1100);
  const startedAt = realClock.now();
  const jobId = newId(startedAt);
  // A replica enrolled part of the first page and died before it could note it; its lease has run out.
  const jobs = house.database.system("bulkJobs", "The test leaves what a dead replica would.");
  const actor = { kind: "SYSTEM" as const, id: null, label: "test" };
  const starts = contactIds.slice(100, 400).map((contactId) => ({
    id: derivedId(startedAt, workflowId, jobId, contactId),
    organizationId: house.organizationId,
    workflowId,
    leadId,
    contactId,
    opportunityId: null,
    ordinal: 1,
    startedBy: actor,
    enrollingUserId: null,
    event: null,
    depth: 0,
    chosenAccountIds: [],
  }));
  const { committer } = house;
  await committer.commit((unit) => house.first.engine.startRuns(unit, starts, workflow));
  await jobs.insertOne(
    deadJob({ _id: jobId, startedAt, workflowId, filterJson: JSON.stringify({ leadIds: [leadId] }) }),
  );
  expect(await ended(jobId)).toMatchObject({ status: "SUCCEEDED", processed: 1100, succeeded: 1100, skipped: 0 });
  expect(await house.runs.tenant.count(house.scope, { workflowId })).toBe(1100);
});

test("ENR-3: a job that is given up says why", async () => {
  const { workflowId } = put();
  const startedAt = realClock.now();
  const jobId = newId(startedAt);
  const jobs = house.database.system("bulkJobs", "The test leaves a job that no version can read.");
  await jobs.insertOne(deadJob({ _id: jobId, startedAt, workflowId, filterJson: "not JSON", faults: 4 }));
  const { reasons, ...job } = await ended(jobId);
  expect(job).toMatchObject({ status: "FAILED", succeeded: 0 });
  expect(reasons).toMatchObject([{ reason: { code: "INTERNAL_ERROR" }, count: 1 }]);
});

test("ENR-3: a canceled job enrolls nobody more, and a second cancel is no error", async () => {
  const { workflowId } = put();
  const { leadId } = house.crm.addLead(house.organizationId, "Canceled", 4000);
  const { job } = await enrollMany({ workflowId, contactFilter: { leadIds: [leadId] } });
  const cancel = async () =>
    (
      await house.data<{ cancelBulkJob: Payload }>(
        `mutation($id: ID!) { cancelBulkJob(id: $id) { job { ${JOB} } userErrors { code } } }`,
        { id: job!.id },
      )
    ).cancelBulkJob;
  const canceled = await cancel();
  expect(canceled.job?.status).toBe("CANCELED");
  expect((await cancel()).job?.status).toBe("CANCELED");
  // Jobs that begin later are through: whatever the canceled one still had in hand has been committed or given up.
  const countAfterAnother = async (): Promise<number> => {
    const { contactIds } = house.crm.addLead(house.organizationId, "Another", 1);
    await ended((await enrollMany({ workflowId: put().workflowId, contactIds })).job!.id);
    return house.runs.tenant.count(house.scope, { workflowId });
  };
  const counted = await countAfterAnother();
  expect(await countAfterAnother()).toBe(counted);
  expect(counted).toBeLessThan(4000);
  expect((await jobOf(job!.id))!.processed).toBeLessThan(4000);
});

test("API-5: the same key makes one job; neither or both ways of naming contacts is refused", async () => {
  const { workflowId } = put();
  const { leadId } = house.crm.addLead(house.organizationId, "Keyed", 2);
  const input = { workflowId, contactFilter: { leadIds: [leadId] }, idempotencyKey: "bulk" };
  const [one, two] = await Promise.all([enrollMany(input), enrollMany(input)]);
  expect(one.job!.id).toBe(two.job!.id);
  const query = `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } } }`;
  for (const bad of [{ workflowId }, { workflowId, contactIds: [], contactFilter: {} }]) {
    const answer = await house.ask(query, { input: bad });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path: ["input"] });
  }
});

test("RUN-5: a bulk action does the same to all runs a filter finds, and says why some were left", async () => {
  const { workflowId } = put();
  const done = put([updateLead("at once")]);
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Acted on", 450);
  await ended((await enrollMany({ workflowId, contactFilter: { leadIds: [leadId] } })).job!.id);
  await ended((await enrollMany({ workflowId: done.workflowId, contactIds: contactIds.slice(0, 3) })).job!.id);
  await eventually(async () =>
    expect(await house.runs.tenant.count(house.scope, { workflowId: done.workflowId, status: "FINISHED" })).toBe(3),
  );
  const filter = { leadIds: [leadId] };
  const paused = await ended((await act("PAUSE", filter)).job!.id);
  expect(paused).toMatchObject({ kind: "PAUSE", total: 453, processed: 453, skipped: 3 });
  expect(await house.runs.tenant.count(house.scope, { workflowId, status: "PAUSED" })).toBe(450);
  const resumed = await ended((await act("RESUME", filter)).job!.id);
  expect(resumed).toMatchObject({
    succeeded: 450,
    skipped: 3,
    reasons: [{ reason: { code: "RUN_NOT_RESUMABLE" }, count: 3 }],
  });
  const canceled = await ended((await act("CANCEL", { workflowIds: [workflowId] })).job!.id);
  expect(canceled).toMatchObject({ total: 450, succeeded: 450 });
  const retried = await ended((await act("RETRY", { workflowIds: [workflowId] })).job!.id);
  expect(retried).toMatchObject({
    succeeded: 0,
    skipped: 450,
    reasons: [{ reason: { code: "RUN_NOT_RETRYABLE" }, count: 450 }],
  });
});

test("API-3: a job of another organization does not exist", async () => {
  const { job } = await enrollMany({ workflowId: put().workflowId, contactIds: [id()] });
  expect(await jobOf(job!.id, { organizationId: id() })).toBeNull();
  expect(await jobOf("nonsense")).toBeNull();
});

test("API-5: a condition that cannot be looked for is refused with its path before there is a job; another is the filter's", async () => {
  const { workflowId } = put();
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Where", 3);
  const where = { test: { path: "lead.status", op: "EQUALS", value: "hot" } };
  const input = { workflowId, contactFilter: { leadIds: [leadId], where } };
  const query = `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } } }`;
  house.crm.whereFault = { message: "No such field.", path: ["where", "test", "path"] };
  const refused = await house.ask(query, { input });
  house.crm.whereFault = null;
  const path = ["input", "contactFilter", "where", "test", "path"];
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path });
  const { job } = await enrollMany(input);
  expect(await ended(job!.id)).toMatchObject({ status: "SUCCEEDED", succeeded: contactIds.length });
});
