import { eventually } from "@cadenza/testkit";
import { newId, realClock } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, task, updateLead } from "../runs/definition-builder.ts";
import { type House, startHouse } from "../testing/house.ts";

type Payload = {
  run: { id: string; status: string; version: number } | null;
  userErrors: { code: string; path: string[] | null }[];
};

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const ENROLL = `mutation($input: EnrollInput!) { enroll(input: $input) { run { id status version } userErrors { code path } } }`;
const enroll = async (input: object, asker = {}) =>
  (await house.data<{ enroll: Payload }>(ENROLL, { input }, asker)).enroll;
const workflow = (overrides = {}) =>
  house.definitions.put(
    definition([task("call back")], {
      organizationId: house.organizationId,
      workflowId: newId(realClock.now()),
      ...overrides,
    }),
  );

test("ENR-1: of a hundred enrolments of one contact at one moment, one starts a run and the others say why not", async () => {
  const { workflowId } = workflow();
  const { contactIds } = house.crm.addLead(house.organizationId, "Acme");
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => enroll({ workflowId, contactId: contactIds[0] })),
  );
  expect(answers.filter(({ run }) => run)).toHaveLength(1);
  expect(new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(
    new Set(["ALREADY_ENROLLED"]),
  );
  expect(await house.runs.tenant.count(house.scope, { workflowId })).toBe(1);
});

test("ENR-1: AFTER_END lets a contact in again once its run has ended, ONCE never", async () => {
  const steps = [updateLead("first")];
  const again = house.definitions.put(
    definition(steps, {
      organizationId: house.organizationId,
      workflowId: newId(realClock.now()),
      reentry: { mode: "AFTER_END", minimumDaysSinceLastStart: 0 },
    }),
  );
  const once = house.definitions.put(
    definition(steps, { organizationId: house.organizationId, workflowId: newId(realClock.now()) }),
  );
  const { contactIds } = house.crm.addLead(house.organizationId, "Twice");
  for (const { workflowId } of [again, once]) {
    const { run } = await enroll({ workflowId, contactId: contactIds[0] });
    await eventually(async () =>
      expect((await house.runs.tenant.findByIds(house.scope, [run!.id]))[0]?.status).toBe("FINISHED"),
    );
  }
  expect((await enroll({ workflowId: again.workflowId, contactId: contactIds[0] })).run).not.toBeNull();
  expect((await enroll({ workflowId: once.workflowId, contactId: contactIds[0] })).userErrors).toMatchObject([
    { code: "REENTRY_NOT_ALLOWED" },
  ]);
});

test("API-3, ENR-6: what does not exist, is another organization's, or is no id, is not found alike", async () => {
  const { workflowId } = workflow();
  const { contactIds, leadId } = house.crm.addLead(house.organizationId, "Acme");
  const other = newId(realClock.now());
  const foreign = house.crm.addLead(other, "Elsewhere");
  const foreignWorkflow = house.definitions.put(
    definition([task("x")], { organizationId: other, workflowId: newId(realClock.now()) }),
  );
  const otherLead = house.crm.addLead(house.organizationId, "Other lead");
  const opportunityId = house.crm.addOpportunity(house.organizationId, otherLead.leadId, null);
  const own = house.crm.addOpportunity(house.organizationId, leadId, null);
  const cases: [object, string][] = [
    [{ workflowId, contactId: foreign.contactIds[0] }, "contactId"],
    [{ workflowId, contactId: "nonsense" }, "contactId"],
    [{ workflowId: foreignWorkflow.workflowId, contactId: contactIds[0] }, "workflowId"],
    [{ workflowId: "nonsense", contactId: contactIds[0] }, "workflowId"],
    [{ workflowId, contactId: contactIds[0], opportunityId }, "opportunityId"],
    [{ workflowId, contactId: contactIds[0], opportunityId: "nonsense" }, "opportunityId"],
  ];
  for (const [input, at] of cases) {
    const { run, userErrors } = await enroll(input);
    expect([run, userErrors]).toEqual([null, [{ code: "NOT_FOUND", path: ["input", at] }]]);
  }
  const account = await enroll({ workflowId, contactId: contactIds[0], emailAccountIds: ["nonsense"] });
  expect(account.userErrors).toEqual([{ code: "NOT_FOUND", path: ["input", "emailAccountIds", "0"] }]);
  expect(await house.runs.tenant.count(house.scope, { workflowId })).toBe(0);
  expect((await enroll({ workflowId, contactId: contactIds[0], opportunityId: own })).run).not.toBeNull();
});

test("WF-1: a workflow that is not active starts nothing", async () => {
  const { workflowId } = house.definitions.put(
    definition([task("x")], { organizationId: house.organizationId, workflowId: newId(realClock.now()) }),
    "ARCHIVED",
  );
  const { contactIds } = house.crm.addLead(house.organizationId, "Acme");
  expect((await enroll({ workflowId, contactId: contactIds[0] })).userErrors).toMatchObject([
    { code: "WORKFLOW_NOT_ACTIVE" },
  ]);
});

test("API-2: a viewer may not enroll, whatever the values", async () => {
  const answer = await house.ask(ENROLL, { input: { workflowId: "x", contactId: "y" } }, { role: "VIEWER" });
  expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("API-2: nothing is answered without the gateway's signature", async () => {
  const response = await fetch(house.first.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ testClock { now } }" }),
  });
  expect(response.status).toBe(401);
});

test("API-5: the same key with the same input answers as the first call did, with another input it is refused", async () => {
  const { workflowId } = workflow();
  const { contactIds } = house.crm.addLead(house.organizationId, "Keyed", 2);
  const input = { workflowId, contactId: contactIds[0], idempotencyKey: "once" };
  const answers = await Promise.all([enroll(input), enroll(input), enroll(input)]);
  expect(new Set(answers.map(({ run }) => run?.id)).size).toBe(1);
  expect(answers[0]!.userErrors).toEqual([]);
  const other = await enroll({ ...input, contactId: contactIds[1] });
  expect(other.userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
});

test("WF-7, ENR-5: a run keeps who started it and the accounts that were chosen", async () => {
  const { workflowId } = workflow();
  const { contactIds } = house.crm.addLead(house.organizationId, "Kept", 2);
  const userId = newId(realClock.now());
  const account = newId(realClock.now());
  const byUser = await enroll(
    { workflowId, contactId: contactIds[0], emailAccountIds: [account, account] },
    { actor: { kind: "USER", id: userId, label: "Ada" } },
  );
  const byKey = await enroll(
    { workflowId, contactId: contactIds[1] },
    { actor: { kind: "API_KEY", id: account, label: "Sync" } },
  );
  const runs = await house.runs.tenant.findByIds(house.scope, [byUser.run!.id, byKey.run!.id]);
  expect(runs[0]).toMatchObject({ enrollingUserId: userId, chosenAccountIds: [account], startedBy: { kind: "USER" } });
  expect(runs[1]).toMatchObject({ enrollingUserId: null, startedBy: { kind: "API_KEY", label: "Sync" } });
});
