import { describe, expect, test } from "vitest";
import { definition, email, officeHours, task, updateLead } from "./definition-builder.ts";
import { ADA, RunWalk } from "./run-walk.ts";

const wednesday = (overrides: Parameters<typeof officeHours>[0] = {}) =>
  officeHours({ ranges: [{ weekday: "WEDNESDAY", start: "10:00", end: "12:00" }], ...overrides });
const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;
const days = (amount: number) => ({ amount, unit: "DAY" }) as const;

describe("a waiting step follows edits", () => {
  test("EDIT-2: a new step put right before it becomes current, counted from the edit", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(5) })]));
    walk.after(60);
    walk.edit(definition([updateLead("new", { delay: hours(1) }), updateLead("a", { delay: hours(5) })]));
    expect(walk.seen()).toEqual(["new PENDING"]);
    expect(walk.current().dueAt).toEqual(new Date("2026-01-05T11:00:00Z"));
    expect(walk.run.wakeAt).toEqual(walk.current().dueAt);
  });

  test("EDIT-2: when it is removed the run moves to the next one", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(5) }), updateLead("b")]));
    walk.edit(definition([{ removed: "a" }, updateLead("b")]));
    expect(walk.seen()).toEqual(["b PROCESSING"]);
  });

  test("EDIT-2: when it is removed and nothing is left the run finishes", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(5) })]));
    walk.edit(definition([{ removed: "a" }]));
    expect([walk.run.status, walk.run.wakeAt, walk.seen()]).toEqual(["FINISHED", null, []]);
  });

  test("EDIT-2: its new settings are used", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
    walk.edit(definition([updateLead("a", { delay: hours(1), overwrite: false })]));
    walk.after(60);
    expect(walk.commands).toMatchObject([{ kind: "updateLead", item: { overwrite: false } }]);
    expect(walk.current().revision).toBe(2);
  });

  test("EDIT-2: a held step follows too", () => {
    const walk = new RunWalk(definition([email("a")], { schedule: officeHours() }), "2026-01-05T20:00:00Z");
    expect(walk.seen()).toEqual(["a HELD OUTSIDE_WINDOW"]);
    walk.edit(definition([email("a", { ignoreSchedule: true })], { schedule: officeHours() }));
    expect(walk.seen()).toEqual(["a PROCESSING"]);
  });

  test("EDIT-2: a paused run follows as well, and processes nothing", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
    walk.apply({ kind: "pause", actor: { kind: "SYSTEM", id: null, label: "" } });
    walk.edit(definition([updateLead("b"), updateLead("a", { delay: hours(1) })]));
    expect([walk.seen(), walk.told()]).toEqual([["b PENDING"], []]);
  });
});

describe("a changed delay", () => {
  const pending = (): RunWalk => new RunWalk(definition([updateLead("a", { delay: hours(10) })]));

  test.each([
    { title: "longer: counted from when the step became current", delay: hours(20), dueAt: "2026-01-06T05:00:00Z" },
    { title: "shorter, and not yet over", delay: hours(5), dueAt: "2026-01-05T14:00:00Z" },
    { title: "in days: calendar days of the organization's zone", delay: days(2), dueAt: "2026-01-07T09:00:00Z" },
    {
      title: "the same in other words changes nothing",
      delay: { amount: 600, unit: "MINUTE" } as const,
      dueAt: "2026-01-05T19:00:00Z",
    },
  ])("EDIT-3: $title", ({ delay, dueAt }) => {
    const walk = pending();
    walk.after(60);
    const edited = definition([updateLead("a", { delay })]);
    walk.edit(edited);
    expect([walk.current().dueAt, walk.run.wakeAt]).toEqual([new Date(dueAt), new Date(dueAt)]);
    walk.after(1);
    expect(walk.edit(edited)).toEqual({ kind: "unchanged", wants: null });
  });

  test("EDIT-3: shortened and already over: due now", () => {
    const walk = pending();
    walk.after(120);
    walk.edit(definition([updateLead("a", { delay: hours(1) })]));
    expect(walk.current()).toMatchObject({ status: "PROCESSING", dueAt: walk.now });
  });

  test("EDIT-3: lengthened while held: put off", () => {
    const walk = new RunWalk(definition([email("a")], { schedule: officeHours() }), "2026-01-05T20:00:00Z");
    walk.edit(definition([email("a", { delay: days(2) })], { schedule: officeHours() }));
    expect(walk.current()).toMatchObject({
      status: "PENDING",
      reason: null,
      heldUntil: null,
      dueAt: new Date("2026-01-07T20:00:00Z"),
    });
  });
});

describe("a claimed step keeps its revision", () => {
  test("EDIT-4: settings changed while it is open change nothing, and it is asked again as it was", () => {
    const walk = new RunWalk(definition([updateLead("a")]));
    const claimedUnder = walk.definition;
    walk.edit(definition([updateLead("a", { overwrite: false })]));
    expect(walk.current().revision).toBe(1);
    expect(walk.after(1)).toMatchObject({ wants: { claimedRevision: 1 } });
    walk.facts = { ...walk.facts, claimedDefinition: claimedUnder };
    walk.after(0);
    expect(walk.commands.map(({ item }) => item)).toEqual([walk.commands[0]!.item, walk.commands[0]!.item]);
  });

  test("EDIT-4: removed while its effect is open: withdrawn, CANCELED, and the run moves on once", () => {
    const walk = new RunWalk(definition([task("a"), updateLead("b")]));
    walk.answer("WAITING", { taskId: "task" });
    walk.edit(definition([{ removed: "a" }, updateLead("b")]));
    const key = `run:${walk.current().stepId}:1`;
    expect(walk.told()).toEqual([`createTask ${key}`, `withdrawTask ${key}:withdraw`]);
    expect(walk.seen()).toEqual(["a WAITING"]);
    const withdrawn = { ...walk.resultOf(walk.current()), outcome: "CANCELED" as const };
    walk.apply({ kind: "stepResult", result: withdrawn });
    expect(walk.seen()).toEqual(["a CANCELED STEP_REMOVED", "b PROCESSING"]);
    expect(walk.apply({ kind: "stepResult", result: withdrawn })).toEqual({ kind: "unchanged", wants: null });
    expect(walk.apply({ kind: "stepResult", result: { ...withdrawn, outcome: "DONE" } })).toEqual({
      kind: "unchanged",
      wants: null,
    });
  });

  test("EDIT-4: withdrawn too late, the step is done", () => {
    const walk = new RunWalk(definition([email("a"), updateLead("b")]));
    walk.answer("WAITING", { messageId: "message" });
    walk.edit(definition([{ removed: "a" }, updateLead("b")]));
    walk.answer("DONE");
    expect(walk.seen()).toEqual(["a DONE", "b PROCESSING"]);
  });

  test("EDIT-4: a withdrawal that nobody answers is asked again under the same name", () => {
    const walk = new RunWalk(definition([task("a")]));
    walk.answer("WAITING");
    walk.edit(definition([{ removed: "a" }]));
    walk.after(1);
    expect(walk.told().slice(1)).toEqual([walk.told()[1], walk.told()[1]]);
  });
});

describe("an old revision restored under a run", () => {
  const a = task("a");
  const b = updateLead("b", { delay: hours(5) });

  test("EDIT-1: a step that had only been waiting comes back, in its place", () => {
    const walk = new RunWalk(definition([b, updateLead("c", { delay: hours(5) })]));
    walk.edit(definition([{ removed: "b" }, updateLead("c", { delay: hours(5) })]));
    expect(walk.seen()).toEqual(["c PENDING"]);
    walk.edit(definition([b, updateLead("c", { delay: hours(5) })]));
    expect(walk.seen()).toEqual(["b PENDING"]);
  });

  test("EDIT-1: a step whose effect was withdrawn has ended, and does not come back", () => {
    const walk = new RunWalk(definition([a, b]));
    walk.answer("WAITING");
    walk.edit(definition([{ removed: "a" }, b]));
    walk.answer("CANCELED");
    walk.edit(definition([a, b]));
    expect(walk.seen()).toEqual(["a CANCELED STEP_REMOVED", "b PENDING"]);
  });

  test("EDIT-4: restored while the withdrawal is under way, the step ends once, as it turns out", () => {
    const removedAndRestored = (): RunWalk => {
      const walk = new RunWalk(definition([a, b]));
      walk.answer("WAITING");
      walk.edit(definition([{ removed: "a" }, b]));
      walk.edit(definition([a, b]));
      return walk;
    };
    const canceled = removedAndRestored();
    canceled.answer("CANCELED");
    const done = removedAndRestored();
    done.answer("DONE");
    expect([canceled.seen(), done.seen()]).toEqual([
      ["a CANCELED STEP_REMOVED", "b PENDING"],
      ["a DONE", "b PENDING"],
    ]);
  });

  test("EDIT-1: what was added since is a tombstone, and the step behind it comes", () => {
    const walk = new RunWalk(definition([updateLead("new", { delay: hours(1) }), b]));
    walk.edit(definition([b, { removed: "new" }]));
    expect(walk.seen()).toEqual(["b PENDING"]);
  });
});

describe("the order changes", () => {
  test("EDIT-1: moved before the step that ended last, the waiting step is passed over; moved back, it comes", () => {
    const b = updateLead("b", { delay: hours(5) });
    const c = updateLead("c", { delay: hours(5) });
    const walk = new RunWalk(definition([updateLead("a"), b, c]));
    walk.answer("DONE");
    walk.edit(definition([b, updateLead("a"), c]));
    expect(walk.seen()).toEqual(["a DONE", "c PENDING"]);
    walk.edit(definition([updateLead("a"), c, b]));
    expect(walk.seen()).toEqual(["a DONE", "c PENDING"]);
    walk.edit(definition([updateLead("a"), b, c]));
    expect(walk.seen()).toEqual(["a DONE", "b PENDING"]);
  });

  test("EDIT-1: a claimed step moved to the end is the last", () => {
    const walk = new RunWalk(definition([updateLead("a"), updateLead("b")]));
    walk.edit(definition([updateLead("b"), updateLead("a")]));
    walk.answer("DONE");
    expect([walk.run.status, walk.seen()]).toEqual(["FINISHED", ["a DONE"]]);
  });
});

describe("a changed schedule", () => {
  test("SCH-6, SCH-8: a step that no window admits goes when one does", () => {
    const never = officeHours({ ranges: [] });
    const walk = new RunWalk(definition([email("a")], { schedule: never }));
    expect([walk.seen(), walk.current().heldUntil]).toEqual([["a HELD NO_WINDOW"], null]);
    walk.edit(definition([email("a")], { schedule: officeHours() }));
    expect(walk.seen()).toEqual(["a PROCESSING"]);
  });

  test.each([
    { title: "opens later", schedule: wednesday(), seen: "a HELD OUTSIDE_WINDOW", until: "2026-01-07T09:00:00Z" },
    { title: "never opens", schedule: officeHours({ ranges: [] }), seen: "a HELD NO_WINDOW", until: null },
    { title: "is gone", schedule: null, seen: "a PENDING", until: null },
  ])("SCH-8, RUN-3: a held step of a paused run shows a window that $title, and nothing is processed", (edited) => {
    const walk = new RunWalk(definition([email("a")], { schedule: officeHours() }), "2026-01-05T20:00:00Z");
    walk.apply({ kind: "pause", actor: ADA });
    walk.edit(definition([email("a")], { schedule: edited.schedule }));
    const { heldUntil } = walk.current();
    expect([walk.seen(), heldUntil]).toEqual([[edited.seen], edited.until && new Date(edited.until)]);
    expect([walk.run.wakeAt, walk.told()]).toEqual([null, []]);
  });

  test("EDIT-3: a longer delay of a paused run's held step puts it off", () => {
    const walk = new RunWalk(definition([email("a")], { schedule: officeHours() }), "2026-01-05T20:00:00Z");
    walk.apply({ kind: "pause", actor: ADA });
    walk.edit(definition([email("a", { delay: days(3) })], { schedule: officeHours() }));
    expect([walk.seen(), walk.current().dueAt]).toEqual([["a PENDING"], new Date("2026-01-08T20:00:00Z")]);
  });

  test("SCH-1, SCH-8: the contact of a paused run is looked up where its window hangs on the zone", () => {
    const schedule = officeHours({ zoneMode: "RECIPIENT" });
    const walk = new RunWalk(definition([email("a")], { schedule }), "2026-01-05T20:00:00Z");
    walk.facts = { ...walk.facts, contact: { timeZone: "Europe/Berlin", phones: [] } };
    walk.after(0);
    walk.facts = { workflowStatus: "ACTIVE" };
    expect(walk.apply({ kind: "pause", actor: ADA })).toMatchObject({ wants: null });
    const later = wednesday({ zoneMode: "RECIPIENT" });
    expect(walk.edit(definition([email("a")], { schedule: later }))).toMatchObject({ wants: { contact: true } });
    walk.facts = { ...walk.facts, contact: { timeZone: "Asia/Tokyo", phones: [] } };
    walk.after(0);
    expect(walk.current().heldUntil).toEqual(new Date("2026-01-07T01:00:00Z"));
    expect([walk.run.status, walk.run.wakeAt]).toEqual(["PAUSED", null]);
  });

  test("SCH-8: a held step moves with it, and says until when", () => {
    const walk = new RunWalk(definition([email("a")], { schedule: officeHours() }), "2026-01-05T20:00:00Z");
    walk.edit(definition([email("a")], { schedule: wednesday() }));
    const opensAt = new Date("2026-01-07T09:00:00Z");
    expect([walk.seen(), walk.current().heldUntil, walk.run.wakeAt]).toEqual([
      ["a HELD OUTSIDE_WINDOW"],
      opensAt,
      opensAt,
    ]);
  });
});
