import { eventually } from "@cadenza/testkit";
import { describe, expect, test } from "vitest";
import { definition, idOf, task, updateLead } from "../runs/definition-builder.ts";
import { hoursIn, startEditedHouse } from "../testing/edited-house.ts";

const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;
const days = (amount: number) => ({ amount, unit: "DAY" }) as const;

describe("an old revision is restored under live runs", () => {
  const before = definition([task("a", { delay: hours(1) }), task("b"), task("c", { delay: days(9) })]);
  const without = definition([task("a", { delay: hours(1) }), { removed: "b" }, task("c", { delay: days(9) })], {
    revision: 2,
  });

  test("EDIT-1: the step comes back for whom it is still to come, and never twice", async () => {
    await using house = await startEditedHouse(before);
    await house.start(before, "early");
    house.at(1);
    await house.start(before, "open", "past");
    house.at(61);
    for (const name of ["open", "past"]) {
      await house.reaches(name, ["a PROCESSING"]);
      await house.answer(name, "DONE");
      await house.reaches(name, ["a DONE", "b PROCESSING"]);
      await house.answer(name, "WAITING");
    }
    await house.answer("past", "DONE");
    await house.reaches("past", ["a DONE", "b DONE", "c PENDING"]);
    await house.reaches("early", ["a PROCESSING"]);

    await house.save(without);
    await eventually(async () => expect((await house.current("open")).withdrawing?.code).toBe("STEP_REMOVED"));
    await house.answer("open", "CANCELED");
    await house.reaches("open", ["a DONE", "b CANCELED STEP_REMOVED", "c PENDING"]);

    await house.save({ ...before, revision: 3 });
    await house.shown();
    await house.answer("early", "DONE");
    await house.reaches("early", ["a DONE", "b PROCESSING"]);
    expect(await house.seen("past")).toEqual(["a DONE", "b DONE", "c PENDING"]);
    expect(await house.seen("open")).toEqual(["a DONE", "b CANCELED STEP_REMOVED", "c PENDING"]);
  });

  test("EDIT-1: one that was only waiting in it goes on without it, and comes back to it", async () => {
    const waiting = definition([task("b", { delay: hours(5) }), task("c", { delay: days(9) })]);
    await using house = await startEditedHouse(waiting);
    await house.start(waiting, "run");
    house.at(60);
    await house.save(definition([{ removed: "b" }, task("c", { delay: days(9) })], { revision: 2 }));
    await house.reaches("run", ["c PENDING"]);
    house.at(120);
    await house.save({ ...waiting, revision: 3 });
    await house.reaches("run", ["b PENDING"]);
    expect((await house.current()).pendingSince).toEqual(hoursIn(2));
  });
});

test("WF-1: archived and activated in between, a run stays paused, records what was open, and goes on when resumed", async () => {
  const before = definition([task("a"), task("b", { delay: hours(1) })]);
  await using house = await startEditedHouse(before);
  await house.start(before, "run");
  await house.answer("run", "WAITING");
  await house.reaches("run", ["a WAITING"]);
  await house.save(before, { status: "ARCHIVED" });
  await eventually(async () => expect((await house.run()).reason?.code).toBe("WORKFLOW_ARCHIVED"));
  const edited = definition([task("a"), updateLead("new"), task("b", { delay: hours(1) })], { revision: 2 });
  await house.save(edited, { status: "ARCHIVED" });
  await house.save(edited);
  await house.shown();
  await house.answer("run", "DONE");
  await house.reaches("run", ["a DONE", "new PENDING"]);
  house.at(600);
  expect((await house.run()).status).toBe("PAUSED");
  const actor = { kind: "USER", id: idOf("user"), label: "Ada" } as const;
  await house.engine.apply(house.scope, [(await house.run())._id], { kind: "resume", actor });
  expect(await house.seen()).toEqual(["a DONE", "new PROCESSING"]);
});
