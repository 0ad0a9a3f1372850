import type { Actor, Condition, Definition } from "@cadenza/contracts";
import { newId, OffsetClock, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { definition, task } from "../runs/definition-builder.ts";
import { type House, startHouse } from "../testing/house.ts";

const DAY_MS = 86_400_000;
const clock = new OffsetClock();
let house: House;
beforeAll(async () => {
  house = await startHouse({ clock });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.crm.opportunities.clear());

const id = (): string => newId(realClock.now());
const SYSTEM: Actor = { kind: "SYSTEM", id: null, label: "Cadenza" };
const daysFromNow = (days: number): string => new Date(clock.now().getTime() + days * DAY_MS).toISOString();

/** Saves a workflow as it now is, and tells so. */
async function put(workflow: Definition, status: "ACTIVE" | "ARCHIVED" = "ACTIVE"): Promise<Definition> {
  house.definitions.put(workflow, status);
  const { workflowId, revision } = workflow;
  await house.publish("workflowChanged", [{ key: id(), workflowId, revision, status, actor: SYSTEM, at: clock.now() }]);
  return workflow;
}
const waitingFor = (stalledDays: number, conditions: Condition | null = null, overrides: Partial<Definition> = {}) =>
  definition([task("call back")], {
    organizationId: house.organizationId,
    workflowId: id(),
    trigger: { event: "OPPORTUNITY_STALLED", conditions, stalledDays },
    reentry: { mode: "AFTER_END", minimumDaysSinceLastStart: 0 },
    places: [{ stepId: id(), step: null }],
    ...overrides,
  });
function addDeal(updatedAt: string, contacts = 1): { dealId: string; leadId: string; contactIds: string[] } {
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Acme", contacts);
  const dealId = house.crm.addOpportunity(house.organizationId, leadId, contactIds[0] ?? null, { updatedAt });
  return { dealId, leadId, contactIds };
}
function change(dealId: string, fields: object): void {
  const deal = house.crm.opportunities.get(dealId)!;
  house.crm.opportunities.set(dealId, { ...deal, version: deal.version + 1, updatedAt: daysFromNow(0), ...fields });
}
const runsOf = ({ workflowId }: Definition) =>
  house.runs.tenant.find(house.scope, { workflowId }, { sort: { startedAt: 1 } });
async function advance(days: number): Promise<void> {
  const { advanceTestClock } = await house.data<{ advanceTestClock: { userErrors: object[] } }>(
    `mutation($to: DateTime!) { advanceTestClock(to: $to) { userErrors { code } } }`,
    { to: daysFromNow(days) },
  );
  expect(advanceTestClock.userErrors).toEqual([]);
}

test("CRM-5, OPS-3: each opportunity starts a run at the instant at which it has stalled, in order, and once", async () => {
  const workflow = await put(waitingFor(3));
  const [first, second, third] = [addDeal(daysFromNow(0)), addDeal(daysFromNow(0.5)), addDeal(daysFromNow(0.25))];
  const won = addDeal(daysFromNow(0));
  change(won.dealId, { status: { id: id(), name: "Won", kind: "WON" } });
  await advance(2.9);
  expect(await runsOf(workflow)).toEqual([]);
  change(third.dealId, { note: "They called." });
  await advance(20);
  const runs = await runsOf(workflow);
  expect(runs.map(({ opportunityId }) => opportunityId)).toEqual([first.dealId, second.dealId, third.dealId]);
  for (const run of runs) {
    const lastChange = new Date(house.crm.opportunities.get(run.opportunityId!)!.updatedAt);
    const late = run.startedAt.getTime() - lastChange.getTime() - 3 * DAY_MS;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
    expect(run).toMatchObject({
      startedBy: { kind: "EVENT", label: "Opportunity stalled" },
      event: { kind: "OPPORTUNITY_STALLED", data: { stalledDays: 3, lastChangedAt: lastChange.toISOString() } },
      depth: 0,
    });
  }
  // Again only after a change in between.
  change(first.dealId, { note: "Again." });
  await advance(3.1);
  expect((await runsOf(workflow)).map(({ opportunityId }) => opportunityId)).toEqual([
    first.dealId,
    second.dealId,
    third.dealId,
    first.dealId,
  ]);
  await put(workflow, "ARCHIVED");
});

test("CRM-5: what had stalled before the activation does not fire, nor what stalls while the workflow is archived", async () => {
  const old = addDeal(daysFromNow(-10));
  const young = addDeal(daysFromNow(-3));
  const workflow = await put(waitingFor(5));
  await advance(2.5);
  expect((await runsOf(workflow)).map(({ opportunityId }) => opportunityId)).toEqual([young.dealId]);
  const meanwhile = addDeal(daysFromNow(0));
  await put(workflow, "ARCHIVED");
  await advance(6);
  const afterwards = addDeal(daysFromNow(-1));
  await put(workflow);
  await advance(5);
  const started = (await runsOf(workflow)).map(({ opportunityId }) => opportunityId);
  expect(started).toEqual([young.dealId, afterwards.dealId]);
  expect(started).not.toContain(old.dealId);
  expect(started).not.toContain(meanwhile.dealId);
  await put(workflow, "ARCHIVED");
});

test("CRM-5: fewer days reach at once those that have waited that long; more days do not fire twice", async () => {
  const workflow = await put(waitingFor(10));
  const deal = addDeal(daysFromNow(0));
  await advance(4);
  expect(await runsOf(workflow)).toEqual([]);
  const shorter = { ...workflow, revision: 2, trigger: { ...workflow.trigger!, stalledDays: 2 } };
  await put(shorter);
  await eventually(async () => expect(await runsOf(workflow)).toMatchObject([{ opportunityId: deal.dealId }]));
  await put({ ...shorter, revision: 3, trigger: { ...workflow.trigger!, stalledDays: 8 } });
  const other = addDeal(daysFromNow(0));
  await advance(7.9);
  expect(await runsOf(workflow)).toHaveLength(1);
  await advance(0.2);
  expect((await runsOf(workflow)).map(({ opportunityId }) => opportunityId)).toEqual([deal.dealId, other.dealId]);
  await put({ ...workflow, revision: 4, trigger: null });
});

test("CRM-5, TRG-2, TRG-5: conditions are those of the moment, and a refused start is visible", async () => {
  const big: Condition = { test: { path: "opportunity.value", op: "GREATER_THAN", value: 100 } };
  const workflow = await put(waitingFor(1, big));
  const money = (amount: string) => ({ value: { amount, currency: "EUR" } });
  const [small, large, nobody] = [addDeal(daysFromNow(0)), addDeal(daysFromNow(0)), addDeal(daysFromNow(0), 0)];
  change(small.dealId, money("99.99"));
  change(large.dealId, money("100.01"));
  change(nobody.dealId, money("1000"));
  await advance(1.1);
  expect((await runsOf(workflow)).map(({ opportunityId }) => opportunityId)).toEqual([large.dealId]);
  const refusals = house.database.system<{ workflowId: string }>("startRefusals", "The test looks.");
  expect(await refusals.find({ workflowId: workflow.workflowId }).toArray()).toMatchObject([
    { event: "OPPORTUNITY_STALLED", leadId: nobody.leadId, reason: { code: "NO_RECIPIENT" } },
  ]);
  await put(workflow, "ARCHIVED");
});

test("CRM-5, REL-1: more than fit on a page, of one instant, by two replicas of which one dies: each once", async () => {
  const dying = await house.replica();
  const workflow = await put(waitingFor(2));
  const at = daysFromNow(0);
  const deals = Array.from({ length: 450 }, () => addDeal(at).dealId);
  const advanced = advance(2.5);
  await eventually(async () => expect((await runsOf(workflow)).length).toBeGreaterThan(0));
  await dying.abandon();
  await advanced;
  await eventually(async () => expect(await runsOf(workflow)).toHaveLength(450), { timeoutMs: 30_000 });
  const started = (await runsOf(workflow)).map(({ opportunityId }) => opportunityId);
  expect(new Set(started)).toEqual(new Set(deals));
}, 60_000);

test("REL-6: an opportunity whose start fails again and again is told, and holds up none beside it", async () => {
  const workflow = await put(waitingFor(2));
  const [first, poison, last] = [addDeal(daysFromNow(0)), addDeal(daysFromNow(0)), addDeal(daysFromNow(0))];
  // No crm would say so: there is nothing that the program could do about it.
  house.crm.leads.set(poison.leadId, { ...house.crm.leads.get(poison.leadId)!, contactIds: null as never });
  await advance(2.5);
  await eventually(async () => expect(await runsOf(workflow)).toHaveLength(2), { timeoutMs: 20_000 });
  expect((await runsOf(workflow)).map(({ opportunityId }) => opportunityId).sort()).toEqual(
    [first.dealId, last.dealId].sort(),
  );
  const refusals = house.database.system<{ workflowId: string }>("startRefusals", "The test looks.");
  expect(await refusals.find({ workflowId: workflow.workflowId }).toArray()).toMatchObject([
    { leadId: poison.leadId, reason: { code: "INTERNAL_ERROR" } },
  ]);
  const later = addDeal(daysFromNow(0));
  await advance(2.1);
  expect((await runsOf(workflow)).map(({ opportunityId }) => opportunityId)).toContain(later.dealId);
  await put(workflow, "ARCHIVED");
}, 60_000);
