import { newId, realClock } from "@cadenza/platform";
import { eventually, TestClock } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { updateLead } from "../runs/definition-builder.ts";
import { type Enrolling, enrolling } from "../testing/enrolling.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";

const DAY_MS = 86_400_000;
const ADA = { kind: "USER", id: null, label: "Ada" } as const;
let house: House;
let world: Enrolling;
const clock = new TestClock(realClock.now());
beforeAll(async () => {
  house = await startHouse({ clock });
  world = enrolling(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const lead = (contacts = 1) => house.crm.addLead(house.organizationId, "Acme", contacts);
const afterEnd = (minimumDaysSinceLastStart: number) => ({
  reentry: { mode: "AFTER_END" as const, minimumDaysSinceLastStart },
});
const cancel = (runId: string) => house.first.engine.apply(house.scope, [runId], { kind: "cancel", actor: ADA });

test("ENR-1: AFTER_END starts again at the very instant at which the minimum of days is over, not a millisecond before", async () => {
  const { workflowId } = world.workflow(afterEnd(5));
  const contactId = lead().contactIds[0]!;
  const runId = await world.started(workflowId, contactId);
  const { startedAt } = await world.runOf(runId);
  await cancel(runId);
  clock.set(new Date(startedAt.getTime() + 5 * DAY_MS - 1));
  expect(await world.refusal(workflowId, contactId)).toBe("REENTRY_TOO_SOON");
  clock.advance(1);
  const second = await world.runOf(await world.started(workflowId, contactId));
  expect([second.ordinal, second.startedAt]).toEqual([2, clock.now()]);
  await cancel(second._id);
  clock.advance(4 * DAY_MS);
  // The last start counts.
  expect(await world.refusal(workflowId, contactId)).toBe("REENTRY_TOO_SOON");
});

test("ENR-1: ONCE is never again, with or without a minimum, also after a run that was canceled", async () => {
  for (const days of [0, 1]) {
    const { workflowId } = world.workflow({ reentry: { mode: "ONCE", minimumDaysSinceLastStart: days } });
    const contactId = lead().contactIds[0]!;
    await cancel(await world.started(workflowId, contactId));
    clock.advance(400 * DAY_MS);
    expect(await world.refusal(workflowId, contactId)).toBe("REENTRY_NOT_ALLOWED");
  }
});

test("ENR-1: the unique index keeps a second open run out, whoever writes it", async () => {
  const { workflowId } = world.workflow();
  const contactId = lead().contactIds[0]!;
  const run = await world.runOf(await world.started(workflowId, contactId));
  const second = { ...run, _id: newId(clock.now()), ordinal: 2 };
  await expect(house.runs.tenant.insertMany(house.scope, [second])).rejects.toThrow(/oneOpenRun/);
  await expect(house.runs.tenant.insertMany(house.scope, [{ ...second, open: false, ordinal: 1 }])).rejects.toThrow(
    /ordinal/,
  );
});

test("ENR-1, RUN-9: what a merged contact has been through counts for the one that survives", async () => {
  const once = world.workflow({}, "ACTIVE", [updateLead("only")]);
  const spaced = world.workflow(afterEnd(3), "ACTIVE", [updateLead("only")]);
  const { leadId, contactIds } = lead(2);
  const [source, survivor] = contactIds as [string, string];
  const ended = [await world.started(once.workflowId, source), await world.started(spaced.workflowId, source)];
  for (const runId of ended) await eventually(async () => expect((await world.runOf(runId)).status).toBe("FINISHED"));
  const mergedInto = { id: survivor, leadId };
  await house.tell([changeOf("CONTACT", "DELETED", { id: source, leadId, contactId: source }, { mergedInto })]);
  await eventually(async () => {
    for (const runId of ended) expect((await world.runOf(runId)).contactId).toBe(survivor);
  });
  expect(await world.refusal(once.workflowId, survivor)).toBe("REENTRY_NOT_ALLOWED");
  expect(await world.refusal(spaced.workflowId, survivor)).toBe("REENTRY_TOO_SOON");
  clock.advance(3 * DAY_MS);
  expect((await world.runOf(await world.started(spaced.workflowId, survivor))).ordinal).toBe(2);
});
