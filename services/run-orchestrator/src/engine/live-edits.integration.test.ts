import { eventually } from "@cadenza/testkit";
import { describe, expect, test } from "vitest";
import { definition, email, task, updateLead } from "../runs/definition-builder.ts";
import { type EditedHouse, hoursIn, startEditedHouse } from "../testing/edited-house.ts";

const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;
const days = (amount: number) => ({ amount, unit: "DAY" }) as const;

describe("an edit while the run is on its way to the next step", () => {
  const before = definition([task("a"), task("b", { delay: days(10) })]);

  test("EDIT-3: a delay shortened while the result of the step before is being taken in counts", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "run");
    const look = house.holdNextLook();
    await house.answer("run", "DONE");
    await look.taken;
    await house.save(definition([task("a"), task("b", { delay: hours(1) })], { revision: 2 }));
    await house.shown();
    look.release();
    await house.reaches("run", ["a DONE", "b PENDING"]);
    expect((await house.current()).dueAt).toEqual(hoursIn(1));
    expect((await house.run()).wakeAt).toEqual(hoursIn(1));
  });

  test("EDIT-4: a step removed while the result of the step before is being taken in is not left open", async () => {
    const chained = definition([task("a"), task("b"), task("c")]);
    await using house = await startEditedHouse(chained);
    await house.start(chained, "run");
    const look = house.holdNextLook();
    await house.answer("run", "DONE");
    await look.taken;
    await house.save(definition([task("a"), { removed: "b" }, task("c")], { revision: 2 }));
    await house.shown();
    look.release();
    await house.reaches("run", ["a DONE", "c PROCESSING"]);
  });

  test("EDIT-3: a delay shortened while the run is being started counts", async () => {
    const slow = definition([task("a", { delay: days(10) })]);
    await using house = await startEditedHouse(slow);
    await house.save(definition([task("a", { delay: hours(1) })], { revision: 2 }), { isTold: false });
    await house.start(slow, "run");
    await eventually(async () => expect((await house.current()).dueAt).toEqual(hoursIn(1)));
  });

  test("WF-1: a run that is started while its workflow is archived is paused", async () => {
    const slow = definition([task("a", { delay: days(10) })]);
    await using house = await startEditedHouse(slow);
    await house.save(slow, { status: "ARCHIVED", isTold: false });
    await house.start(slow, "run");
    await eventually(async () => expect(await house.run()).toMatchObject({ status: "PAUSED", wakeAt: null }));
  });
});

describe("an edit while the step is being claimed", () => {
  const before = definition([task("a", { delay: hours(1), description: "old" })]);
  const putOff = definition([task("a", { delay: hours(5), description: "new" })], { revision: 2 });

  test("EDIT-3: shown before the claim is committed, the new delay counts and nothing is done", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "run");
    const look = house.holdNextLook();
    house.at(60);
    await look.taken;
    await house.save(putOff);
    await house.shown();
    look.release();
    await house.reaches("run", ["a PENDING"]);
    expect((await house.current()).dueAt).toEqual(hoursIn(5));
    house.at(299);
    await eventually(async () => expect((await house.run()).wakeAt).toEqual(hoursIn(5)));
    expect([...house.told.values()]).toEqual([]);
    house.at(300);
    await eventually(() => expect([...house.told.values()]).toMatchObject([{ item: { description: "new" } }]));
  });

  test("EDIT-4: after the claim, the step keeps its revision, whatever is saved, and is asked for again as it was", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "run");
    house.at(60);
    await house.reaches("run", ["a PROCESSING"]);
    await house.save(putOff);
    await house.shown();
    house.told.clear();
    house.at(62);
    await eventually(() =>
      expect([...house.told.values()]).toMatchObject([{ item: { attempt: 1, description: "old" } }]),
    );
    expect(await house.current()).toMatchObject({ status: "PROCESSING", revision: 1, dueAt: hoursIn(1) });
  });

  test("EDIT-2: a revision that nobody has told of yet counts when the step is due", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "run");
    await house.save(putOff, { isTold: false });
    house.at(60);
    await eventually(async () => expect((await house.run()).wakeAt).toEqual(hoursIn(5)));
    expect(await house.seen()).toEqual(["a PENDING"]);
  });
});

describe.each([
  { kind: "task", step: task, withdraw: "withdrawTask" },
  { kind: "queued message", step: email, withdraw: "withdrawMessage" },
] as const)("EDIT-4: a step is removed while its $kind is open", ({ step, withdraw }) => {
  const before = definition([step("a"), updateLead("b")]);
  const removed = definition([{ removed: "a" }, updateLead("b")], { revision: 2 });
  const withdrawals = (house: EditedHouse) => [...house.told.values()].filter(({ kind }) => kind === withdraw);
  const open = async () => {
    const house = await startEditedHouse(before);
    await house.start(before, "run");
    await house.answer("run", "WAITING");
    await house.reaches("run", ["a WAITING"]);
    return house;
  };

  test("EDIT-4: withdrawn: CANCELED, and the run moves on once, however often that is told", async () => {
    await using house = await open();
    await house.save(removed);
    await eventually(() => expect(withdrawals(house)).toHaveLength(1));
    const { kind, stepId, attempt } = await house.current();
    const { _id: runId } = await house.run();
    const ended = { key: `${runId}:${stepId}:1`, runId, stepId, attempt, reason: null, messageId: null, taskId: null };
    const canceled = { ...ended, changes: null, outcome: "CANCELED", at: house.clock.now() } as const;
    await Promise.all([1, 2, 3].map(() => house.tell(kind as "TASK", canceled)));
    await house.reaches("run", ["a CANCELED STEP_REMOVED", "b PROCESSING"]);
    await house.answer("run", "DONE");
    await house.reaches("run", ["a CANCELED STEP_REMOVED", "b DONE"]);
    expect((await house.run()).status).toBe("FINISHED");
  });

  test("EDIT-4: it had been completed before: DONE, and what the withdrawal says later changes nothing", async () => {
    await using house = await open();
    await house.save(removed);
    await eventually(() => expect(withdrawals(house)).toHaveLength(1));
    const late = await house.current();
    await house.answer("run", "DONE");
    await house.reaches("run", ["a DONE", "b PROCESSING"]);
    const { _id: runId } = await house.run();
    const result = { runId, stepId: late.stepId, attempt: 1, reason: null, messageId: null, taskId: null };
    const key = `${runId}:${late.stepId}:1`;
    await house.tell(late.kind as "TASK", {
      ...result,
      key,
      changes: null,
      outcome: "CANCELED",
      at: house.clock.now(),
    });
    await house.answer("run", "DONE");
    await eventually(async () => expect((await house.run()).status).toBe("FINISHED"));
    expect(await house.seen()).toEqual(["a DONE", "b DONE"]);
  });

  test("EDIT-4: completed while the removal is being shown: DONE, whichever comes first", async () => {
    await using house = await open();
    const look = house.holdNextLook();
    await house.save(removed);
    await look.taken;
    await house.answer("run", "DONE");
    await house.reaches("run", ["a DONE", "b PROCESSING"]);
    look.release();
    await house.answer("run", "DONE");
    await eventually(async () => expect((await house.run()).status).toBe("FINISHED"));
    expect([await house.seen(), withdrawals(house)]).toEqual([["a DONE", "b DONE"], []]);
  });

  test("EDIT-4: removed before it says that it is open: withdrawn once it does", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "run");
    await house.save(removed);
    await eventually(() => expect(withdrawals(house)).toHaveLength(1));
    house.told.clear();
    await house.answer("run", "WAITING");
    await eventually(() => expect(withdrawals(house)).toHaveLength(1));
    await house.answer("run", "CANCELED");
    await house.reaches("run", ["a CANCELED STEP_REMOVED", "b PROCESSING"]);
  });
});
