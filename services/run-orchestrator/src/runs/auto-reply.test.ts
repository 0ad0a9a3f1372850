import { expect, test } from "vitest";
import { definition, email, officeHours, task, updateLead } from "./definition-builder.ts";
import { ADA, RunWalk } from "./run-walk.ts";

/** The walk begins on Monday 2026-01-05, 10:00 in Berlin. */
const away = (walk: RunWalk, untilDate: string) => walk.apply({ kind: "autoReply", untilDate });
const minutes = (amount: number) => ({ amount, unit: "MINUTE" }) as const;
const hold = (walk: RunWalk) => [
  walk.current().status,
  walk.current().reason?.code,
  walk.current().heldUntil,
  walk.run.wakeAt,
];
const berlinMidnight = (date: string) => new Date(`${date}T00:00:00+01:00`);

const waitingFor = (step = email("a", { delay: minutes(60) }), schedule = officeHours()): RunWalk =>
  new RunWalk(definition([step, email("b")], { schedule }));

test("GOAL-2: the next communication step is held until 00:00 of the date in the schedule's zone", () => {
  const walk = waitingFor();
  away(walk, "2026-01-08");
  expect(walk.current().status, "not due yet, it only waits").toBe("PENDING");
  walk.after(60);
  const until = berlinMidnight("2026-01-08");
  expect(hold(walk)).toEqual(["HELD", "AUTO_REPLY", until, until]);
});

test("GOAL-2, SCH-3: then its window is looked for again", () => {
  const walk = waitingFor();
  away(walk, "2026-01-08");
  walk.after(60);
  walk.tickAt(walk.run.wakeAt!);
  const opensAt = new Date("2026-01-08T08:00:00Z");
  expect(hold(walk)).toEqual(["HELD", "OUTSIDE_WINDOW", opensAt, opensAt]);
  walk.tickAt(opensAt);
  expect(walk.seen()).toEqual(["a PROCESSING"]);
});

test("GOAL-2: without a schedule the organization's zone counts", () => {
  const walk = new RunWalk(
    definition([email("a", { delay: minutes(1) })], { organizationTimeZone: "America/New_York" }),
  );
  away(walk, "2026-01-06");
  walk.after(1);
  expect(walk.current().heldUntil).toEqual(new Date("2026-01-06T05:00:00Z"));
});

test("GOAL-2, SCH-1: in the recipient's zone, which is looked up when the step is due", () => {
  const schedule = officeHours({ zoneMode: "RECIPIENT" });
  const walk = waitingFor(email("a", { delay: minutes(60), ignoreSchedule: true }), schedule);
  away(walk, "2026-01-08");
  walk.now = new Date("2026-01-05T10:00:00Z");
  expect(walk.apply({ kind: "tick" })).toMatchObject({ wants: { contact: true } });
  walk.facts = { ...walk.facts, contact: { timeZone: "Asia/Tokyo", phones: [] } };
  walk.apply({ kind: "tick" });
  expect(walk.current().heldUntil).toEqual(new Date("2026-01-07T15:00:00Z"));
});

test("GOAL-2: a step that keeps to no window is held as well, an operational one is not", () => {
  const walk = waitingFor(email("a", { delay: minutes(60), ignoreSchedule: true }));
  away(walk, "2026-01-08");
  walk.after(60);
  expect(walk.seen()).toEqual(["a HELD AUTO_REPLY"]);
  const other = new RunWalk(definition([updateLead("a", { delay: minutes(1) }), task("b")]));
  away(other, "2026-01-08");
  other.after(1);
  expect(other.seen()).toEqual(["a PROCESSING"]);
});

test("GOAL-2: a step that is due after the date is not held", () => {
  const walk = waitingFor(email("a", { delay: { amount: 4, unit: "DAY" } }));
  away(walk, "2026-01-08");
  walk.tickAt("2026-01-09T09:00:00Z");
  expect(walk.seen()).toEqual(["a PROCESSING"]);
});

test("GOAL-2: a step already held by its window is held on by the absence", () => {
  const walk = waitingFor(email("a", { delay: minutes(12 * 60) }));
  walk.after(12 * 60);
  expect(walk.seen()).toEqual(["a HELD OUTSIDE_WINDOW"]);
  away(walk, "2026-01-08");
  expect(walk.seen()).toEqual(["a HELD AUTO_REPLY"]);
});

test("GOAL-2: a later auto-reply replaces an earlier one, a date that is past or none says nothing", () => {
  const walk = waitingFor();
  away(walk, "2026-01-12");
  away(walk, "2026-01-08");
  expect(away(walk, "2026-01-05").kind).toBe("unchanged");
  expect(away(walk, "soon").kind).toBe("unchanged");
  walk.after(60);
  expect(walk.current().heldUntil).toEqual(berlinMidnight("2026-01-08"));
  away(walk, "2026-01-07");
  expect(walk.current().heldUntil).toEqual(berlinMidnight("2026-01-07"));
});

test("GOAL-2: a message that is under way goes out, and the step behind it is held", () => {
  const walk = new RunWalk(definition([email("a"), email("b")]));
  away(walk, "2026-01-08");
  expect(walk.commands.map(({ kind }) => kind)).toEqual(["prepareEmail"]);
  walk.answer("DONE");
  expect(walk.seen()).toEqual(["a DONE", "b HELD AUTO_REPLY"]);
});

test("GOAL-2: once a communication step has been processed, the hold is used up", () => {
  const walk = new RunWalk(definition([email("a", { delay: minutes(60) }), email("b")]));
  away(walk, "2026-01-08");
  walk.after(60);
  walk.tickAt(walk.run.wakeAt!);
  expect([walk.seen(), walk.run.holdUntilDate]).toEqual([["a PROCESSING"], null]);
});

test("GOAL-2: skipped by hand, the step leaves the hold to the next one", () => {
  const walk = waitingFor();
  away(walk, "2026-01-08");
  walk.apply({ kind: "skipStep", actor: ADA, stepId: null });
  expect(walk.seen()).toEqual(["a SKIPPED SKIPPED_BY_HAND", "b HELD AUTO_REPLY"]);
});

test("GOAL-2: a paused run remembers it, a run that is over does not, another recipient is not away", () => {
  const walk = waitingFor();
  walk.apply({ kind: "pause", actor: ADA });
  away(walk, "2026-01-08");
  expect(walk.run.holdUntilDate).toBe("2026-01-08");
  walk.apply({ kind: "changeRecipient", actor: ADA, contactId: "another", ordinal: 1 });
  expect(walk.run.holdUntilDate).toBeNull();
  walk.apply({ kind: "cancel", actor: ADA });
  expect(away(walk, "2026-01-08").kind).toBe("unchanged");
});
