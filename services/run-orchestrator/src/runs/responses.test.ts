import { describe, expect, test } from "vitest";
import { definition, email, NO_GOALS, task } from "./definition-builder.ts";
import { ADA, RunWalk } from "./run-walk.ts";

const goals = { ...NO_GOALS, markedAsResponded: true, emailReply: true };
const steps = [email("a", { delay: { amount: 60, unit: "MINUTE" } }), task("b")];
const unknown = { code: "UNKNOWN_OUTCOME", message: "Nobody knows." };

const waiting = (): RunWalk => new RunWalk(definition(steps, { goals }));
const sending = (): RunWalk => {
  const walk = new RunWalk(definition([email("a"), task("b")], { goals }));
  walk.answer("WAITING", { messageId: "message" });
  return walk;
};
const mark = (walk: RunWalk, callId = "call") => walk.apply({ kind: "markResponded", actor: ADA, callId });
const undo = (walk: RunWalk, callId = "call") => walk.apply({ kind: "resumeFromCall", actor: ADA, callId });
const marks = ({ run }: RunWalk) => [run.status, run.reason?.code ?? null, run.respondedAt, run.respondedCallId];

test("GOAL-4: marked as responded, the run pauses and counts as converted", () => {
  const walk = waiting();
  mark(walk);
  expect(marks(walk)).toEqual(["PAUSED", "MARKED_AS_RESPONDED", walk.now, "call"]);
  expect(walk.run.transitions.at(-1)).toMatchObject({ to: "PAUSED", actor: ADA });
  expect(walk.run.wakeAt).toBeNull();
  expect(mark(walk, "another").kind, "a second call changes nothing").toBe("unchanged");
});

test("GOAL-4: with the goal off, or the run over, nothing is marked", () => {
  const off = new RunWalk(definition(steps, { goals: NO_GOALS }));
  expect(mark(off)).toMatchObject({ kind: "refused", reason: { code: "GOAL_OFF" } });
  const over = waiting();
  over.apply({ kind: "cancel", actor: ADA });
  expect(mark(over)).toMatchObject({ kind: "refused", reason: { code: "RUN_NOT_OPEN" } });
});

test("GOAL-4: resume undoes it, for that call alone", () => {
  const walk = waiting();
  mark(walk);
  walk.after(10);
  expect(undo(walk, "another")).toMatchObject({ kind: "refused", reason: { code: "RUN_NOT_RESUMABLE" } });
  undo(walk);
  expect(marks(walk)).toEqual(["ACTIVE", null, null, null]);
  expect(walk.current().dueAt).toEqual(new Date("2026-01-05T10:00:00Z"));
  expect(undo(walk)).toMatchObject({ kind: "refused" });
});

test("GOAL-4: a run that was paused before stays paused, and only remembers", () => {
  const walk = waiting();
  walk.apply({ kind: "pause", actor: ADA });
  mark(walk);
  expect(marks(walk)).toEqual(["PAUSED", "PAUSED_BY_HAND", walk.now, "call"]);
  undo(walk);
  expect(marks(walk)).toEqual(["PAUSED", "PAUSED_BY_HAND", null, null]);
});

test("GOAL-4: undone, what a goal had counted before still counts", () => {
  const walk = waiting();
  const at = walk.now;
  walk.apply({ kind: "goalMet", goal: { code: "EMAIL_REPLY", statusId: null, sourceId: "reply", at } });
  walk.after(5);
  walk.apply({ kind: "resume", actor: ADA });
  mark(walk);
  undo(walk);
  expect(marks(walk)).toEqual(["ACTIVE", null, at, null]);
});

test("GOAL-4: resumed by hand the run goes on, and the contact stays converted", () => {
  const walk = waiting();
  const at = walk.now;
  mark(walk);
  walk.apply({ kind: "resume", actor: ADA });
  expect(marks(walk)).toEqual(["ACTIVE", null, at, "call"]);
});

describe("with a message under way", () => {
  test("GOAL-5: it is stopped, and sent when the run is taken up again", () => {
    const walk = sending();
    mark(walk);
    expect(walk.commands.at(-1)).toMatchObject({
      kind: "withdrawMessage",
      item: { reason: { code: "MARKED_AS_RESPONDED" } },
    });
    walk.answer("CANCELED", { reason: { code: "MARKED_AS_RESPONDED", message: "Stopped." } });
    expect([walk.run.status, walk.run.wakeAt, walk.seen()]).toEqual(["PAUSED", null, ["a PENDING"]]);
    undo(walk);
    expect(walk.commands.flatMap(({ kind, item }) => (kind === "prepareEmail" ? [item.attempt] : []))).toEqual([1, 2]);
  });

  test("GOAL-5: stopped too late, it shows as done", () => {
    const walk = sending();
    mark(walk);
    walk.answer("DONE");
    expect([walk.run.status, walk.seen()]).toEqual(["PAUSED", ["a DONE", "b PENDING"]]);
  });

  test("RUN-4: taken up again before it is known to be stopped, nothing is sent twice", () => {
    const walk = sending();
    mark(walk);
    undo(walk);
    expect(walk.seen()).toEqual(["a WAITING"]);
    walk.answer("DONE");
    expect(walk.seen()).toEqual(["a DONE", "b PROCESSING"]);
  });

  test("EDIT-4: removed while it is being stopped, it ends as removed", () => {
    const walk = sending();
    mark(walk);
    walk.edit(definition([{ removed: "a" }, task("b")], { goals }));
    walk.answer("CANCELED");
    expect([walk.run.status, walk.seen()]).toEqual(["PAUSED", ["a CANCELED STEP_REMOVED", "b PENDING"]]);
  });

  test("GOAL-4: what became of it, found out later, sends nothing more to who has responded", () => {
    const walk = sending();
    walk.answer("ERROR", { reason: unknown });
    mark(walk);
    expect(marks(walk)).toEqual(["ERROR", "UNKNOWN_OUTCOME", walk.now, "call"]);
    walk.answer("DONE");
    expect([walk.run.status, walk.run.reason?.code, walk.seen()]).toEqual([
      "PAUSED",
      "MARKED_AS_RESPONDED",
      ["a DONE", "b PENDING"],
    ]);
  });
});
