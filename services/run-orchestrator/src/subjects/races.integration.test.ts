import type { CrmChange } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Enrolling, enrolling } from "../testing/enrolling.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";

const PAIRS = 60;
let house: House;
let world: Enrolling;
beforeAll(async () => {
  house = await startHouse();
  world = enrolling(house);
  await house.replica();
});
afterAll(() => house[Symbol.asyncDispose]());

const finished = (jobId: string) =>
  eventually(
    async () => {
      const query = `query($id: ID!) { bulkJob(id: $id) { status failed } }`;
      const { bulkJob } = await house.data<{ bulkJob: object }>(query, { id: jobId });
      expect(bulkJob).toEqual({ status: "SUCCEEDED", failed: 0 });
    },
    { timeoutMs: 25_000 },
  );
async function enrollAll(workflowId: string, contactIds: readonly string[]): Promise<string> {
  const { enrollMany } = await house.data<{ enrollMany: { job: { id: string } } }>(
    `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } } }`,
    { input: { workflowId, contactIds } },
  );
  return enrollMany.job.id;
}

test("RUN-9, ENR-1, ENR-2: contacts that are merged and deleted while they are enrolled leave no run behind and no two beside each other", async () => {
  const exclusivity = { group: `group ${newId(realClock.now())}`, onConflict: "REPLACE" as const };
  const alone = world.workflow();
  const grouped = [world.workflow({ exclusivity }), world.workflow({ exclusivity })];
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Raced", 3 * PAIRS);
  const part = (index: number) => contactIds.slice(index * PAIRS, (index + 1) * PAIRS);
  const [survivors, merged, deleted] = [part(0), part(1), part(2)];
  const changes: CrmChange[] = [
    ...merged.map((id, i) =>
      changeOf("CONTACT", "DELETED", { id, leadId, contactId: id }, { mergedInto: { id: survivors[i]!, leadId } }),
    ),
    ...deleted.map((id) => changeOf("CONTACT", "DELETED", { id, leadId, contactId: id })),
  ];
  const jobs: string[] = [];
  const tells = Array.from({ length: 30 }, (_, i) => changes.filter((_, index) => index % 30 === i));
  await Promise.all([
    ...[alone, ...grouped].map(async ({ workflowId }) => void jobs.push(await enrollAll(workflowId, contactIds))),
    ...tells.map((some) => house.tell(some)),
    ...merged.slice(0, 20).map((contactId) => world.enroll({ workflowId: alone.workflowId, contactId })),
  ]);
  for (const jobId of jobs) await finished(jobId);
  const { subjects } = house.first.engine;
  const noted = house.database.tenant<{ _id: string; organizationId: string; isGone: boolean; dueAt: Date | null }>(
    "subjects",
  );
  await eventually(async () => expect(await noted.count(house.scope, { isGone: true })).toBe(2 * PAIRS));
  // The last look, without its wait.
  await subjects.setDue(house.scope, [...merged, ...deleted], new Date(1));
  await eventually(async () => expect(await noted.count(house.scope, { isGone: true, dueAt: null })).toBe(2 * PAIRS));

  const runs = await house.runs.tenant.find(house.scope, { leadId });
  const open = runs.filter((run) => run.open);
  const gone = new Set([...merged, ...deleted]);
  expect(open.filter(({ contactId }) => gone.has(contactId))).toEqual([]);
  expect(runs.filter(({ contactId }) => merged.includes(contactId))).toEqual([]);
  const keys = open.map(
    ({ contactId, workflowId, exclusivityGroup }) => `${contactId} ${exclusivityGroup ?? workflowId}`,
  );
  expect(new Set(keys).size).toBe(keys.length);
  // Every survivor was enrolled, and is in one run of the group.
  expect(keys.toSorted()).toEqual(
    survivors.flatMap((id) => [`${id} ${alone.workflowId}`, `${id} ${exclusivity.group}`]).toSorted(),
  );
  const codes = new Set(runs.flatMap(({ reason }) => reason?.code ?? []));
  for (const code of codes) expect(["REPLACED", "MERGED", "SUBJECT_DELETED"]).toContain(code);
});
