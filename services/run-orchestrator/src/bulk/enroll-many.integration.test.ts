import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Enrolling, enrolling } from "../testing/enrolling.ts";
import { type House, startHouse } from "../testing/house.ts";

type Job = {
  id: string;
  status: string;
  total: number | null;
  processed: number;
  succeeded: number;
  skipped: number;
  failed: number;
  reasons: { reason: { code: string }; count: number }[];
};

let house: House;
let world: Enrolling;
beforeAll(async () => {
  house = await startHouse();
  world = enrolling(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const JOB = `id status total processed succeeded skipped failed reasons { reason { code } count }`;
const enrollMany = async (input: object, url = house.first.url) =>
  (
    await house.data<{ enrollMany: { job: Job | null; userErrors: { code: string; path: string[] }[] } }>(
      `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { ${JOB} } userErrors { code path } } }`,
      { input },
      {},
      url,
    )
  ).enrollMany;
const jobOf = async (id: string, url = house.first.url): Promise<Job> =>
  (await house.data<{ bulkJob: Job }>(`query($id: ID!) { bulkJob(id: $id) { ${JOB} } }`, { id }, {}, url)).bulkJob;
const cancel = async (id: string) =>
  (
    await house.data<{ cancelBulkJob: { job: Job } }>(
      `mutation($id: ID!) { cancelBulkJob(id: $id) { job { ${JOB} } } }`,
      { id },
    )
  ).cancelBulkJob.job;
const ended = (id: string): Promise<Job> =>
  eventually(
    async () => {
      const job = await jobOf(id);
      expect(job.status).not.toBe("RUNNING");
      return job;
    },
    { timeoutMs: 25_000 },
  );
const lead = (contacts: number) => house.crm.addLead(house.organizationId, "Many", contacts);
const startedIn = (workflowId: string) => house.runs.tenant.count(house.scope, { workflowId });

test("ENR-3: nothing is enrolled after a cancel has answered, and the counts are those of what was", async () => {
  for (let round = 0; round < 3; round++) {
    const { workflowId } = world.workflow();
    const { leadId } = lead(6000);
    const { job } = await enrollMany({ workflowId, contactFilter: { leadIds: [leadId] } });
    await eventually(async () => expect((await jobOf(job!.id)).processed).toBeGreaterThan(round * 600));
    const canceled = await cancel(job!.id);
    const count = await startedIn(workflowId);
    expect(canceled).toMatchObject({ status: "CANCELED", processed: count, succeeded: count, skipped: 0, failed: 0 });
    expect(count).toBeLessThan(6000);
    // A job that began later is through: whatever the canceled one had in hand would be there by now.
    const other = await enrollMany({ workflowId: world.workflow().workflowId, contactIds: lead(1).contactIds });
    await ended(other.job!.id);
    expect([await startedIn(workflowId), (await jobOf(job!.id)).processed]).toEqual([count, count]);
  }
});

test("ENR-3: another replica goes on with the job of one that dies, and nobody is enrolled twice", async () => {
  const { workflowId } = world.workflow({ reentry: { mode: "AFTER_END", minimumDaysSinceLastStart: 0 } });
  const { leadId, contactIds } = lead(6000);
  const jobs = house.database.system<{ _id: string; holder: string | null }>("bulkJobs", "The test finds the holder.");
  const replicas = [await house.replica(), await house.replica()];
  const { job } = await enrollMany({ workflowId, contactFilter: { leadIds: [leadId] } });
  await eventually(async () => expect((await jobOf(job!.id)).processed).toBeGreaterThan(500));
  const before = await jobs.findOne({ _id: job!.id });
  for (const replica of replicas) if (replica.holder === before?.holder) await replica.abandon();
  // Where the first one has it, its lease is taken from it, as from one that has stood still.
  if (house.first.holder === before?.holder)
    await jobs.updateOne({ _id: job!.id }, { $set: { holder: "nobody", leaseUntil: new Date(0) } as never });
  expect(await ended(job!.id)).toMatchObject({ status: "SUCCEEDED", total: 6000, processed: 6000, succeeded: 6000 });
  const runs = await house.runs.tenant.find(house.scope, { workflowId }, { projection: { contactId: 1 } });
  expect(runs).toHaveLength(6000);
  expect(new Set(runs.map(({ contactId }) => contactId))).toEqual(new Set(contactIds));
});

test("ENR-2, ENR-3: those whom an exclusivity group or the re-entry rule keeps out are skipped with the reason", async () => {
  const exclusivity = { group: `group ${newId(realClock.now())}`, onConflict: "SKIP" as const };
  const [one, two] = [world.workflow({ exclusivity }), world.workflow({ exclusivity })];
  const { contactIds } = lead(5);
  await world.started(one.workflowId, contactIds[0]!);
  await world.started(one.workflowId, contactIds[1]!);
  await world.started(two.workflowId, contactIds[2]!);
  const { job } = await enrollMany({ workflowId: two.workflowId, contactIds });
  expect(await ended(job!.id)).toMatchObject({
    succeeded: 2,
    skipped: 3,
    reasons: [
      { reason: { code: "EXCLUSIVITY" }, count: 2 },
      { reason: { code: "ALREADY_ENROLLED" }, count: 1 },
    ],
  });
});

test("ENR-2, ENR-3: two jobs at one moment for two workflows of a group leave each contact in one open run", async () => {
  const exclusivity = { group: `group ${newId(realClock.now())}`, onConflict: "REPLACE" as const };
  const two = [world.workflow({ exclusivity }), world.workflow({ exclusivity })];
  const { contactIds } = lead(300);
  const jobs = await Promise.all(two.map(({ workflowId }) => enrollMany({ workflowId, contactIds })));
  for (const { job } of jobs) expect(await ended(job!.id)).toMatchObject({ succeeded: 300, failed: 0 });
  const open = await house.runs.tenant.find(house.scope, { contactId: { $in: contactIds }, open: true });
  expect(open.map(({ contactId }) => contactId).sort()).toEqual(contactIds.toSorted());
  const workflowId = { $in: two.map((workflow) => workflow.workflowId) };
  expect(await house.runs.tenant.count(house.scope, { workflowId, "reason.code": "REPLACED" })).toBe(300);
});

test("ENR-5: accounts and numbers are kept on every run of a job; too many, or what is no id, are refused", async () => {
  const { workflowId } = world.workflow();
  const { contactIds } = lead(2);
  const ids = Array.from({ length: 3 }, () => newId(realClock.now()));
  const { job } = await enrollMany({
    workflowId,
    contactIds,
    emailAccountIds: [ids[0], ids[1], ids[0]],
    phoneNumberIds: [ids[2], ids[2]],
  });
  await ended(job!.id);
  const runs = await house.runs.tenant.find(house.scope, { workflowId });
  expect(runs.map(({ chosenAccountIds }) => chosenAccountIds)).toEqual([ids, ids]);
  const many = Array.from({ length: 201 }, () => ids[0]);
  const cases: [object, string, string[]][] = [
    [{ emailAccountIds: many }, "TOO_MANY", ["input", "emailAccountIds"]],
    [{ phoneNumberIds: many }, "TOO_MANY", ["input", "phoneNumberIds"]],
    [{ phoneNumberIds: [ids[2], "nonsense"] }, "NOT_FOUND", ["input", "phoneNumberIds", "1"]],
  ];
  for (const [chosen, code, path] of cases) {
    const answer = await enrollMany({ workflowId, contactIds, ...chosen });
    expect([answer.job, answer.userErrors]).toEqual([null, [{ code, path }]]);
    expect((await world.enroll({ workflowId, contactId: contactIds[0], ...chosen })).userErrors).toEqual([
      { code, path },
    ]);
  }
});

test("ENR-3, ENR-4: a page that is done again starts nobody twice, whose run has another recipient by then neither", async () => {
  const { workflowId } = world.workflow();
  const { leadId, contactIds } = lead(3);
  const stranger = house.crm.addLead(house.organizationId, "Other");
  const { job } = await enrollMany({ workflowId, contactIds });
  await ended(job!.id);
  const [run] = await house.runs.tenant.find(house.scope, { contactId: contactIds[0]! });
  // Its contact's lead gets another contact, who takes over the run.
  house.crm.contacts.get(stranger.contactIds[0]!)!.leadId = leadId;
  expect((await world.changeRecipient(run!._id, stranger.contactIds[0]!)).userErrors).toEqual([]);
  const jobs = house.database.system<{ _id: string }>("bulkJobs", "The test takes the job back to its beginning.");
  const begun = { status: "RUNNING", cursor: "", processed: 0, succeeded: 0, holder: null, leaseUntil: new Date(0) };
  await jobs.updateOne({ _id: job!.id }, { $set: { ...begun, endedAt: null } as never });
  expect(await ended(job!.id)).toMatchObject({ status: "SUCCEEDED", processed: 3, succeeded: 3, failed: 0 });
  expect(await startedIn(workflowId)).toBe(3);
});
