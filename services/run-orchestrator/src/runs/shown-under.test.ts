import type { Definition } from "@cadenza/contracts";
import { describe, expect, test } from "vitest";
import { definition, email, officeHours, task, updateLead } from "./definition-builder.ts";
import type { Facts } from "./decide.ts";
import { currentExecution, type Run } from "./model.ts";
import { ADA, RunWalk } from "./run-walk.ts";
import { shownUnder } from "./shown-under.ts";

const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;
const days = (amount: number) => ({ amount, unit: "DAY" }) as const;
const closed = officeHours({ ranges: [{ weekday: "TUESDAY", start: "09:00", end: "17:00" }] });
const later = officeHours({ ranges: [{ weekday: "WEDNESDAY", start: "10:00", end: "12:00" }] });
const inDays = definition([updateLead("a", { delay: days(2) })], { schedule: officeHours({ zoneMode: "RECIPIENT" }) });
const edited = (next: Definition): Definition => ({ ...next, revision: 2 });
const paused = (walk: RunWalk): void => void walk.apply({ kind: "pause", actor: ADA });

/** An hour after its start the workflow of the run is edited; it is looked at a second later, and again when the edit comes. */
function story(before: Definition, after: Definition, prepare: (walk: RunWalk) => void = () => undefined) {
  const walk = new RunWalk(before);
  prepare(walk);
  const at = new Date(walk.now.getTime() + 3_600_000);
  walk.now = new Date(at.getTime() + 1000);
  const stored = walk.run;
  const shownAt = (now: Date, facts: Facts = walk.facts) =>
    shownUnder(stored, { definition: edited(after), facts, at }, now);
  const { run: shown, wantsContact } = shownAt(walk.now);
  walk.now = new Date(at.getTime() + 20_000);
  const again = shownAt(walk.now).run;
  walk.definition = edited(after);
  const decision = walk.apply({ kind: "definitionChanged", at });
  return { walk, stored, shown, again, shownAt, wantsContact, decision, written: walk.run };
}
const placeOf = (run: Run) => {
  const { stepId, name, kind, id, pendingSince, dueAt } = currentExecution(run)!;
  return { stepId, name, kind, id, pendingSince, dueAt };
};
const seen = ({ executions }: Run): string[] =>
  executions.map(({ name, status, reason }) => [name, status, ...(reason ? [reason.code] : [])].join(" "));

describe("what only waits is shown as the edit will have it", () => {
  const pending = definition([updateLead("a", { delay: hours(10) }), updateLead("z")]);
  const held = definition([email("a")], { schedule: closed });
  test.each<{ title: string; before: Definition; after: Definition; seen: string[]; at: string; by?: typeof paused }>([
    {
      title: "a longer delay",
      before: pending,
      after: definition([updateLead("a", { delay: hours(20) })]),
      seen: ["a PENDING"],
      at: "2026-01-06T05:00:00Z",
    },
    {
      title: "a shorter delay",
      before: pending,
      after: definition([updateLead("a", { delay: hours(5) })]),
      seen: ["a PENDING"],
      at: "2026-01-05T14:00:00Z",
    },
    {
      title: "a shorter delay of a paused run",
      before: pending,
      after: definition([updateLead("a", { delay: hours(5) })]),
      seen: ["a PENDING"],
      at: "2026-01-05T14:00:00Z",
      by: paused,
    },
    {
      title: "a step put before it, counted from the edit",
      before: pending,
      after: definition([updateLead("new", { delay: hours(2) }), ...pending.places.map(({ step }) => step!)]),
      seen: ["new PENDING"],
      at: "2026-01-05T12:00:00Z",
    },
    {
      title: "its removal",
      before: pending,
      after: definition([{ removed: "a" }, updateLead("z", { delay: hours(3) })]),
      seen: ["z PENDING"],
      at: "2026-01-05T13:00:00Z",
    },
    {
      title: "another name and kind",
      before: pending,
      after: definition([task("a", { delay: hours(10), name: "call" })]),
      seen: ["call PENDING"],
      at: "2026-01-05T19:00:00Z",
    },
    {
      title: "another window of a held step",
      before: held,
      after: definition([email("a")], { schedule: later }),
      seen: ["a HELD OUTSIDE_WINDOW"],
      at: "2026-01-07T09:00:00Z",
    },
    {
      title: "another window of a paused run's held step",
      before: held,
      after: definition([email("a")], { schedule: later }),
      seen: ["a HELD OUTSIDE_WINDOW"],
      at: "2026-01-07T09:00:00Z",
      by: paused,
    },
    {
      title: "a longer delay of a held step",
      before: held,
      after: definition([email("a", { delay: days(3) })], { schedule: closed }),
      seen: ["a PENDING"],
      at: "2026-01-08T09:00:00Z",
    },
    {
      title: "a shorter delay that is over while the window is closed",
      before: definition([email("a", { delay: days(3) })], { schedule: officeHours() }),
      after: definition([email("a")], { schedule: closed }),
      seen: ["a HELD OUTSIDE_WINDOW"],
      at: "2026-01-06T08:00:00Z",
    },
    {
      title: "a step put behind the last of a paused run",
      before: definition([task("done")]),
      after: definition([task("done"), task("new", { delay: hours(2) })]),
      seen: ["done DONE", "new PENDING"],
      at: "2026-01-05T12:00:00Z",
      by: (walk) => {
        paused(walk);
        walk.answer("DONE");
      },
    },
  ])("EDIT-3: $title", ({ before, after, by, at, ...expected }) => {
    const { shown, again, stored, written, walk } = story(before, after, by);
    const current = currentExecution(shown)!;
    expect([seen(shown), current.heldUntil ?? current.dueAt]).toEqual([expected.seen, new Date(at)]);
    // Neither a second look nor the edit's coming to the run changes anything of it.
    expect(again).toEqual(shown);
    const { version, wakeAt, updatedAt } = stored;
    expect({ ...written, version, wakeAt, updatedAt }).toEqual(shown);
    expect(walk.commands.length).toBe(by && stored.executions[0]?.status === "DONE" ? 1 : 0);
  });
});

describe("what the edit sets off is not shown before it is so", () => {
  const before = definition([updateLead("a", { delay: hours(10) }), updateLead("z", { delay: hours(4) })]);

  test("EDIT-3: already over: due now, and not yet processed", () => {
    const { shown, again, written, stored } = story(before, definition([updateLead("a", { delay: hours(1) })]));
    expect([seen(shown), again]).toEqual([["a PENDING"], shown]);
    expect(currentExecution(shown)?.dueAt).toEqual(new Date("2026-01-05T10:00:00Z"));
    expect([placeOf(written), seen(written)]).toEqual([placeOf(shown), ["a PROCESSING"]]);
    expect(shown).toMatchObject({ status: "ACTIVE", version: stored.version, transitions: stored.transitions });
  });

  test("EDIT-2: what is put before it and is due at once waits where it will be processed", () => {
    const after = definition([updateLead("new"), ...before.places.map(({ step }) => step!)]);
    const { shown, again, written } = story(before, after);
    expect(seen(shown)).toEqual(["new PENDING"]);
    expect(currentExecution(shown)?.dueAt).toEqual(new Date("2026-01-05T10:00:00Z"));
    expect(again).toEqual(shown);
    expect([placeOf(written), seen(written)]).toEqual([placeOf(shown), ["new PROCESSING"]]);
  });

  test("SCH-8: held by a schedule that is gone, it waits", () => {
    const held = definition([email("a")], { schedule: closed });
    const { shown, written } = story(held, definition([email("a")]));
    expect([seen(shown), currentExecution(shown)?.heldUntil]).toEqual([["a PENDING"], null]);
    expect([placeOf(written), seen(written)]).toEqual([placeOf(shown), ["a PROCESSING"]]);
  });

  test("EDIT-2: with no step left it stands where it stood until it has finished", () => {
    const { shown, stored, written } = story(before, definition([{ removed: "a" }, { removed: "z" }]));
    expect(shown).toBe(stored);
    expect(written.status).toBe("FINISHED");
  });

  test("EDIT-1: an attempt that was taken back ends with the edit, and the next step counts from it", () => {
    const failed = definition([task("a"), updateLead("z", { delay: hours(4) })], { schedule: null });
    const prepare = (walk: RunWalk): void => {
      walk.answer("ERROR", { reason: { code: "STEP_FAILED", message: "It failed." } });
      walk.apply({ kind: "retry", actor: ADA });
      walk.run = { ...walk.run, executions: [{ ...walk.current(), status: "PENDING" }] };
    };
    const { shown, again, written } = story(
      failed,
      definition([{ removed: "a" }, updateLead("z", { delay: hours(4) })]),
      prepare,
    );
    expect(seen(shown)).toEqual(["a CANCELED STEP_REMOVED", "z PENDING"]);
    expect([again.executions, written.executions]).toEqual([shown.executions, shown.executions]);
  });

  test("WF-1: of an archived workflow the new time is shown, and the pause once it is one", () => {
    const { shownAt, walk, stored } = story(before, definition([updateLead("a", { delay: hours(5) })]));
    const { run } = shownAt(walk.now, { workflowStatus: "ARCHIVED" });
    expect([run.status, seen(run)]).toEqual(["ACTIVE", ["a PENDING"]]);
    expect(currentExecution(run)?.dueAt).toEqual(new Date("2026-01-05T14:00:00Z"));
    expect(run.transitions).toBe(stored.transitions);
  });

  test("EDIT-4: a claimed step keeps what it has, and its withdrawal is not shown before it is asked", () => {
    const open = (walk: RunWalk): void => void walk.answer("WAITING", { taskId: "task" });
    const { shown, stored } = story(definition([task("a")]), definition([{ removed: "a" }, task("b")]), open);
    expect(shown).toBe(stored);
  });

  test("a run that is over or stands at an error stays as it is", () => {
    const cancel = (walk: RunWalk): void => void walk.apply({ kind: "cancel", actor: ADA });
    const canceled = story(before, definition([updateLead("a", { delay: hours(5) })]), cancel);
    expect(canceled.shown).toBe(canceled.stored);
    const fail = (walk: RunWalk): void => void walk.answer("ERROR");
    const failed = story(definition([task("a")]), definition([task("a", { name: "b" })]), fail);
    expect(failed.shown).toBe(failed.stored);
  });
});

describe("what hangs on where the contact is", () => {
  const zoned = definition([updateLead("a", { delay: days(3) })], { schedule: officeHours({ zoneMode: "RECIPIENT" }) });

  test("SCH-1: a delay in days waits for the contact's zone, and is then shown by it", () => {
    const contact = { timeZone: "America/New_York", phones: [] };
    const across = { ...inDays, places: definition([updateLead("a", { delay: days(70) })]).places };
    const { shown, stored, wantsContact, shownAt, walk } = story(zoned, across);
    expect([shown, wantsContact]).toEqual([stored, true]);
    const { run, wantsContact: stillWants } = shownAt(walk.now, { ...walk.facts, contact });
    expect(currentExecution(run)?.dueAt).toEqual(new Date("2026-03-16T08:00:00Z"));
    expect(stillWants).toBe(false);
  });

  test("SCH-1: a delay in hours does not; where a window does, the step is shown as due", () => {
    const inHours = { ...zoned, places: definition([email("a", { delay: hours(10) })]).places };
    const shorter = (amount: number) => ({
      ...zoned,
      places: definition([email("a", { delay: hours(amount) })]).places,
    });
    const soon = story(inHours, shorter(5));
    expect([currentExecution(soon.shown)?.dueAt, soon.wantsContact]).toEqual([new Date("2026-01-05T14:00:00Z"), false]);
    const over = story(inHours, shorter(1));
    expect([seen(over.shown), currentExecution(over.shown)?.dueAt]).toEqual([
      ["a PENDING"],
      new Date("2026-01-05T10:00:00Z"),
    ]);
    expect(over.wantsContact).toBe(true);
  });
});
