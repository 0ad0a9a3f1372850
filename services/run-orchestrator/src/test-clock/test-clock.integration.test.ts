import { newId, OffsetClock, realClock } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, updateLead } from "../runs/definition-builder.ts";
import { type House, startHouse } from "../testing/house.ts";
import { TestClockService } from "./test-clock-service.ts";

const DAY_MS = 86_400_000;
const clock = new OffsetClock();
let house: House;
beforeAll(async () => {
  house = await startHouse({ clock });
});
afterAll(() => house[Symbol.asyncDispose]());

type Payload = { testClock: { enabled: boolean; now: string } | null; userErrors: { code: string; path: string[] }[] };
const advance = async (to: Date) =>
  (
    await house.data<{ advanceTestClock: Payload }>(
      `mutation($to: DateTime!) { advanceTestClock(to: $to) { testClock { enabled now } userErrors { code path } } }`,
      { to: to.toISOString() },
    )
  ).advanceTestClock;

test("OPS-3: moving the clock thirty days processes each step at its own time before it answers", async () => {
  const days = [1, 10, 19];
  const steps = days.map((amount) => updateLead(`after ${amount}`, { delay: { amount, unit: "DAY" } }));
  const { workflowId } = house.definitions.put(
    definition(steps, {
      organizationId: house.organizationId,
      workflowId: newId(realClock.now()),
      organizationTimeZone: "UTC",
    }),
  );
  const { contactIds } = house.crm.addLead(house.organizationId, "Patient");
  const { enroll } = await house.data<{ enroll: { run: { id: string } } }>(
    `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } } }`,
    { input: { workflowId, contactId: contactIds[0] } },
  );
  const start = clock.now();
  const to = new Date(start.getTime() + 31 * DAY_MS);
  const { testClock, userErrors } = await advance(to);
  expect(userErrors).toEqual([]);
  expect(testClock!.enabled).toBe(true);
  expect(new Date(testClock!.now).getTime()).toBeGreaterThanOrEqual(to.getTime());
  const [run] = await house.runs.tenant.findByIds(house.scope, [enroll.run.id]);
  expect(run).toMatchObject({ status: "FINISHED" });
  // Delays add up: the first after a day, the second after eleven, the third after thirty.
  const endedAfter = run!.executions.map(({ endedAt }) => (endedAt!.getTime() - start.getTime()) / DAY_MS);
  for (const [i, expected] of [1, 11, 30].entries()) expect(Math.abs(endedAfter[i]! - expected)).toBeLessThan(0.01);
});

test("OPS-3: what falls due by itself while the clock is looked at is not jumped over", async () => {
  const own = new OffsetClock();
  own.setOffsetMs(clock.now().getTime() - realClock.now().getTime());
  const [start, to] = [own.now(), new Date(own.now().getTime() + DAY_MS)];
  let looks = 0;
  let doneAt: Date | null = null;
  let dueAt: Date | null = null;
  const service = new TestClockService({
    clock: own,
    bus: house.committer.bus,
    database: house.database,
    isQuiet: async (now) => {
      // Due after the last look that finds nothing, and before the next instant is asked for.
      if (++looks === 3) dueAt = new Date(now.getTime() + 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (!dueAt || now < dueAt || doneAt) return true;
      doneAt = now;
      return false;
    },
    next: { after: async (instant) => (dueAt && !doneAt && dueAt > instant ? dueAt : null) },
  });
  expect((await service.advance(to)).userErrors).toEqual([]);
  expect(doneAt! < new Date(start.getTime() + 60_000)).toBe(true);
  expect(own.now() >= to).toBe(true);
});

test("OPS-3: the clock does not go back", async () => {
  const before = clock.now();
  expect((await advance(new Date(before.getTime() - 1000))).userErrors).toMatchObject([
    { code: "CLOCK_CANNOT_GO_BACK", path: ["to"] },
  ]);
  expect(clock.now().getTime()).toBeGreaterThanOrEqual(before.getTime());
});

test("OPS-3, API-2: a viewer sees the clock and may not move it", async () => {
  const asker = { role: "VIEWER" as const };
  expect(await house.data(`{ testClock { enabled } }`, {}, asker)).toEqual({ testClock: { enabled: true } });
  const answer = await house.ask(
    `mutation { advanceTestClock(to: "2100-01-01T00:00:00Z") { userErrors { code } } }`,
    {},
    asker,
  );
  expect(answer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});
