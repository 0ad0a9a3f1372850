import { type CrmChange } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const id = (): string => newId(realClock.now());

test("TRG-3, REL-1: in whatever order and however often events are told, to replicas that die, each starts one run for each workflow", async () => {
  // Runs end at once, so that nothing but the identity of a start keeps a second one from happening.
  const workflows = Array.from({ length: 3 }, () =>
    house.definitions.put(
      definition([], {
        organizationId: house.organizationId,
        workflowId: id(),
        trigger: { event: "LEAD_UPDATED", conditions: null, stalledDays: null },
        reentry: { mode: "AFTER_END", minimumDaysSinceLastStart: 0 },
      }),
    ),
  );
  const leads = Array.from({ length: 100 }, (_, i) => house.crm.addLead(house.organizationId, `Lead ${i}`, 2));
  const events = leads.map(({ leadId }) =>
    changeOf("LEAD", "UPDATED", { id: leadId, leadId }, { before: { note: null }, after: { note: "x" } }),
  );
  const tellings = fc.sample(
    fc.array(fc.shuffledSubarray(events, { minLength: 1 }), { minLength: 10, maxLength: 20 }),
    1,
  )[0]!;
  const [second, third] = [await house.replica(), await house.replica()];
  const telling = Promise.all([...tellings, events].map((some: CrmChange[]) => house.tell(some)));
  await eventually(async () => expect(await house.runs.tenant.count(house.scope, {})).toBeGreaterThan(0));
  // Primary contacts change meanwhile; the start of an event stays the same one.
  for (const { leadId, contactIds } of leads)
    house.crm.leads.set(leadId, { ...house.crm.leads.get(leadId)!, contactIds: contactIds.toReversed() });
  await second.abandon();
  await telling;
  await third.abandon();
  await eventually(async () => expect(await house.runs.tenant.count(house.scope, {})).toBeGreaterThanOrEqual(300), {
    timeoutMs: 45_000,
  });
  const { bus } = house.committer;
  await eventually(
    async () => {
      const consumer = await bus.manager.consumers.info(bus.named("EVENTS"), bus.named("run-orchestrator-changes"));
      expect(consumer).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
    },
    { timeoutMs: 45_000 },
  );
  for (const { workflowId } of workflows) {
    const runs = await house.runs.tenant.find(house.scope, { workflowId });
    expect(runs.map(({ event }) => event!.eventId).sort()).toEqual(events.map(({ key }) => key).sort());
  }
  const system = (name: string) => house.database.system(name, "The test looks at what all organizations have.");
  expect(await system("startRefusals").countDocuments({})).toBe(0);
  expect(await system("deadLetters").countDocuments({})).toBe(0);
}, 90_000);
