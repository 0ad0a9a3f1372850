import { eventually } from "@cadenza/testkit";
import { describe, expect, test } from "vitest";
import { definition, idOf, task } from "../runs/definition-builder.ts";
import { type EditedHouse, hoursIn, startEditedHouse } from "../testing/edited-house.ts";

const minutes = (amount: number) => ({ amount, unit: "MINUTE" }) as const;
const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;
const days = (amount: number) => ({ amount, unit: "DAY" }) as const;

test("EDIT-3: fifty edits within a moment leave one step, due by the last of them", async () => {
  const before = definition([task("a", { delay: hours(100) }), task("b")]);
  await using house = await startEditedHouse(before);
  await house.start(before, "run");
  const { id } = await house.current();
  const edits = Array.from({ length: 50 }, (_, i) =>
    definition([task("a", { delay: hours(99 - i) }), task("b")], { revision: i + 2 }),
  );
  for (const edit of edits) await house.save(edit);
  await eventually(async () => expect((await house.current()).dueAt).toEqual(hoursIn(50)));
  await eventually(async () => expect(await house.walks.countDocuments({})).toBe(0));
  const { version, executions } = await house.run();
  expect(executions).toMatchObject([{ id, status: "PENDING", pendingSince: hoursIn(0) }]);

  await house.save({ ...edits.at(-1)!, revision: 52 });
  await house.shown();
  expect(await house.run()).toMatchObject({ executions, wakeAt: hoursIn(50) });
  expect(version).toBeGreaterThan(1);
});

describe("showing an edit to many runs", () => {
  const named = (count: number) => Array.from({ length: count }, (_, i) => `run ${i}`);
  const before = definition([task("a", { delay: days(10) })]);
  const after = definition([task("a", { delay: hours(1) })], { revision: 2 });
  const retimed = (house: EditedHouse) =>
    house.runs.tenant.count(house.scope, { wakeAt: hoursIn(1), "executions.dueAt": hoursIn(1) } as object);

  test("REL-1: what a replica that died half-way has not shown is shown by another", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, ...named(1500));
    const looks = house.looks();
    const die = Promise.withResolvers<void>();
    // A turn takes 1,200 of them: it is the last one of this replica.
    house.hooks.look = async () => {
      if (house.looks() === looks + 5) die.resolve();
    };
    await house.save(after);
    await die.promise;
    await house.engine.abandon();
    const shown = await retimed(house);
    expect(shown).toBeGreaterThan(0);
    expect(shown).toBeLessThan(1500);
    await house.replica();
    await eventually(async () => expect(await retimed(house)).toBe(1500), { timeoutMs: 25_000 });
    await eventually(async () => expect(await house.walks.countDocuments({})).toBe(0));
  });

  test("EDIT-3: an edit that comes while another is being shown is shown to all", async () => {
    await using house = await startEditedHouse(before);
    await house.replica();
    await house.start(before, ...named(1500));
    const looks = house.looks();
    const second = Promise.withResolvers<void>();
    house.hooks.look = async () => {
      if (house.looks() === looks + 4) second.resolve();
    };
    await house.save({ ...definition([task("a", { delay: minutes(5) })]), revision: 2 });
    await second.promise;
    await house.save({ ...after, revision: 3 });
    await eventually(async () => expect(await retimed(house)).toBe(1500));
    expect([...house.told.values()]).toEqual([]);
  });

  test("EDIT-3: who saves one workflow again and again keeps nobody else's edit from being shown", async () => {
    const others = ["quiet 1", "quiet 2", "quiet 3"].map((name) => ({ ...before, workflowId: idOf(name) }));
    await using house = await startEditedHouse(before, ...others);
    await house.start(before, "restless");
    for (const other of others) await house.start(other, other.workflowId);
    // Saved anew whenever it is looked at: this walk has no end.
    let isRestless = true;
    house.hooks.look = async () => {
      if (isRestless) await house.walks.updateOne({ _id: before.workflowId }, { $set: { change: `${house.looks()}` } });
    };
    await house.save({ ...before, revision: 2 });
    for (const other of others) await house.save({ ...after, workflowId: other.workflowId });
    await eventually(async () => expect(await retimed(house)).toBe(others.length));
    isRestless = false;
  });

  test("OPS-3: while a change is being shown the clock has to wait", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "run");
    const look = house.holdNextLook();
    await house.save(after);
    await look.taken;
    expect(await house.engine.countUnsettled(house.clock.now())).toBe(1);
    look.release();
    await eventually(async () => expect(await house.engine.countUnsettled(house.clock.now())).toBe(0));
    expect(await retimed(house)).toBe(1);
  });

  test("PERF-5: while a change is being shown every replica knows of it, and when it was made", async () => {
    await using house = await startEditedHouse(before);
    const engines = [house.engine, await house.replica()];
    await house.start(before, "run");
    const known = () => engines.map(({ retimes }) => retimes.changing.changedAt(before.workflowId));
    house.at(30);
    const look = house.holdNextLook();
    await house.save(after);
    await eventually(() => expect(known()).toEqual([house.clock.now(), house.clock.now()]));
    look.release();
    await eventually(() => expect(known()).toEqual([undefined, undefined]));
    expect(await retimed(house)).toBe(1);
  });

  test("REL-2: whoever was stopped while showing a change does not take a newer one for shown", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "run");
    const look = house.holdNextLook();
    await house.save(definition([task("a", { delay: days(5) })], { revision: 2 }));
    await look.taken;
    // Meanwhile another replica has shown it, and then there is another change.
    await house.walks.deleteOne({ _id: before.workflowId });
    await house.save({ ...after, revision: 3 });
    await eventually(async () => expect(await house.walks.countDocuments({})).toBe(1));
    look.release();
    await eventually(async () => expect(await retimed(house)).toBe(1));
  });
});
