import type { Goals } from "@cadenza/contracts";
import { describe, expect, test } from "vitest";
import type { GoalCode, GoalSignal } from "./decision.ts";
import { definition, email, idOf, NO_GOALS, task, updateLead } from "./definition-builder.ts";
import { GOAL_REASONS } from "./reasons.ts";
import { ADA, RunWalk } from "./run-walk.ts";

const goals: Goals = { ...NO_GOALS, emailReply: true };
const minutes = (amount: number) => ({ amount, unit: "MINUTE" }) as const;
const unknown = { code: "UNKNOWN_OUTCOME", message: "Nobody knows." };
const failure = { code: "SENDER_UNRESOLVED", message: "No sender." };

function met(walk: RunWalk, overrides: Partial<GoalSignal> = {}) {
  const goal = { code: "EMAIL_REPLY", statusId: null, sourceId: "reply", at: walk.now, ...overrides } as const;
  return walk.apply({ kind: "goalMet", goal });
}

/** A run that stands at an email and has a task behind it. */
const atEmail = (overrides: Partial<Goals> = {}): RunWalk =>
  new RunWalk(definition([email("a"), task("b", { delay: minutes(60) })], { goals: { ...goals, ...overrides } }));

const withdrawals = (walk: RunWalk): number => walk.commands.filter(({ kind }) => kind.startsWith("withdraw")).length;
const sends = (walk: RunWalk): (number | undefined)[] =>
  walk.commands.flatMap(({ kind, item }) => (kind === "prepareEmail" ? [item.attempt] : []));

describe("what a goal is", () => {
  const all: [GoalCode, Partial<Goals>, string | null][] = [
    ["EMAIL_REPLY", { emailReply: true }, null],
    ["SMS_REPLY", { smsReply: true }, null],
    ["CALL_ANSWERED", { callAnswered: true }, null],
    ["MEETING_BOOKED", { meetingBooked: true }, null],
    ["LEAD_STATUS_REACHED", { leadStatusIds: ["won"] }, "won"],
    ["OPPORTUNITY_STATUS_REACHED", { opportunityStatusIds: ["won"] }, "won"],
  ];
  const converting = new Set<GoalCode>(["EMAIL_REPLY", "SMS_REPLY", "CALL_ANSWERED", "MEETING_BOOKED"]);

  test.each(all)("GOAL-1: %s ends the run where the newest revision has it on", (code, on, statusId) => {
    const walk = new RunWalk(definition([updateLead("a", { delay: minutes(5) })]));
    expect(met(walk, { code, statusId }).kind).toBe("unchanged");
    walk.edit(definition([updateLead("a", { delay: minutes(5) })], { goals: { ...NO_GOALS, ...on } }));
    met(walk, { code, statusId });
    const reason = GOAL_REASONS[code];
    expect([walk.run.status, walk.run.reason, walk.run.open, walk.run.wakeAt]).toEqual([
      "GOAL_MET",
      reason,
      false,
      null,
    ]);
    expect(walk.run.transitions.at(-1)).toMatchObject({
      from: "ACTIVE",
      actor: { kind: "GOAL", id: "reply", label: reason.message },
      reason,
    });
    expect(walk.run.respondedAt).toEqual(converting.has(code) ? walk.now : null);
    expect(walk.seen()).toEqual([`a CANCELED ${code}`]);
  });

  test.each([["lost"], [null]])("GOAL-1: a status that is no goal (%s) ends nothing", (statusId) => {
    const steps = [updateLead("a", { delay: minutes(5) })];
    const walk = new RunWalk(
      definition(steps, { goals: { ...NO_GOALS, leadStatusIds: ["won"], opportunityStatusIds: ["won"] } }),
    );
    expect(met(walk, { code: "LEAD_STATUS_REACHED", statusId }).kind).toBe("unchanged");
    expect(met(walk, { code: "OPPORTUNITY_STATUS_REACHED", statusId }).kind).toBe("unchanged");
  });

  test("GOAL-1: a goal turned off since the run started ends it no more", () => {
    const walk = atEmail();
    walk.edit({ ...walk.definition, goals: NO_GOALS });
    expect(met(walk).kind).toBe("unchanged");
  });

  test("GOAL-1: what was before the run, or started it, is not its goal; what is told late is", () => {
    const walk = atEmail();
    const startedAt = walk.now;
    walk.after(10);
    walk.run = {
      ...walk.run,
      event: { kind: "EMAIL_RECEIVED", data: {}, previous: {}, user: null, eventId: "started" },
    };
    expect(met(walk, { at: new Date(startedAt.getTime() - 1) }).kind).toBe("unchanged");
    expect(met(walk, { sourceId: "started" }).kind).toBe("unchanged");
    met(walk, { at: startedAt });
    expect([walk.run.status, walk.run.respondedAt]).toEqual(["GOAL_MET", startedAt]);
    expect(met(walk, { sourceId: "second" }).kind, "a run ends once").toBe("unchanged");
  });
});

describe("a goal that lands while a message is under way", () => {
  test("GOAL-5: stops the message, and the run ends without waiting for it", () => {
    const walk = atEmail();
    walk.answer("WAITING", { messageId: "message" });
    met(walk);
    expect(walk.commands.at(-1)).toMatchObject({
      kind: "withdrawMessage",
      item: { effectKey: `${walk.run._id}:${idOf("a")}:1`, reason: GOAL_REASONS.EMAIL_REPLY },
    });
    expect([walk.run.status, walk.seen()]).toEqual(["GOAL_MET", ["a CANCELED EMAIL_REPLY"]]);
    expect(walk.tickAt("2026-03-01T00:00:00Z").kind).toBe("unchanged");
  });

  test("GOAL-5: one that the provider had already taken shows as done in the run that is over", () => {
    const walk = atEmail();
    const [sent] = walk.run.executions;
    met(walk);
    walk.apply({ kind: "stepResult", result: { ...walk.resultOf(sent!), messageId: "message" } });
    expect([walk.run.status, walk.seen(), walk.run.executions[0]!.messageId]).toEqual([
      "GOAL_MET",
      ["a DONE"],
      "message",
    ]);
  });

  test("GOAL-5: one whose outcome is unknown says so, and says what a person finds", () => {
    const walk = atEmail();
    const result = { ...walk.resultOf(walk.current()), outcome: "ERROR" as const, reason: unknown };
    met(walk);
    walk.apply({ kind: "stepResult", result });
    expect(walk.seen()).toEqual(["a CANCELED UNKNOWN_OUTCOME"]);
    walk.apply({ kind: "stepResult", result: { ...result, outcome: "DONE", reason: null } });
    expect(walk.seen()).toEqual(["a DONE"]);
  });

  test.each(["PAUSED", "ERROR"] as const)("GOAL-5: a run that is %s ends, too", (status) => {
    const walk = atEmail();
    if (status === "PAUSED") walk.apply({ kind: "pause", actor: ADA });
    else walk.answer("ERROR", { reason: failure });
    expect(walk.run.status).toBe(status);
    met(walk);
    expect([walk.run.status, walk.seen(), withdrawals(walk)]).toEqual([
      "GOAL_MET",
      ["a CANCELED EMAIL_REPLY"],
      status === "PAUSED" ? 1 : 0,
    ]);
  });

  test.each(["goal", "cancel"])("GOAL-5: what a run given up may have sent is stopped (%s)", (by) => {
    const walk = atEmail();
    walk.apply({ kind: "giveUp" });
    if (by === "goal") met(walk);
    else walk.apply({ kind: "cancel", actor: ADA });
    expect(withdrawals(walk)).toBe(1);
  });
});

describe("a run that is taken up again", () => {
  const resume = (walk: RunWalk) => walk.apply({ kind: "resume", actor: ADA });

  test("RUN-7: goes on with the step that was waiting, its delay counted from when it became current", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: minutes(60) }), updateLead("b")], { goals }));
    walk.after(10);
    met(walk);
    walk.after(20);
    resume(walk);
    expect(walk.seen()).toEqual(["a PENDING"]);
    expect([walk.current().dueAt, walk.run.wakeAt]).toEqual([
      new Date("2026-01-05T10:00:00Z"),
      new Date("2026-01-05T10:00:00Z"),
    ]);
  });

  test("RUN-7: the last step, stopped while it was waiting, is left to do", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: minutes(60) })], { goals }));
    met(walk);
    walk.after(90);
    resume(walk);
    expect([walk.run.status, walk.seen(), walk.current().dueAt]).toEqual(["ACTIVE", ["a PROCESSING"], walk.now]);
  });

  test("RUN-7: a message that was stopped is sent after all, under a new name", () => {
    const walk = atEmail();
    const [sent] = walk.run.executions;
    met(walk);
    walk.apply({
      kind: "stepResult",
      result: { ...walk.resultOf(sent!), outcome: "CANCELED", reason: GOAL_REASONS.EMAIL_REPLY },
    });
    resume(walk);
    expect([walk.seen(), sends(walk)]).toEqual([["a PROCESSING"], [1, 2]]);
  });

  test("RUN-4: as long as nobody knows whether it was stopped, it is not sent again", () => {
    const walk = atEmail();
    const [sent] = walk.run.executions;
    met(walk);
    resume(walk);
    expect([walk.seen(), sends(walk), withdrawals(walk)]).toEqual([["a WAITING"], [1], 2]);
    walk.apply({ kind: "stepResult", result: { ...walk.resultOf(sent!), outcome: "CANCELED", reason: null } });
    expect([walk.seen(), sends(walk)]).toEqual([["a PROCESSING"], [1, 2]]);
  });

  test.each(["before", "after"])(
    "RUN-4: it had been sent, as is told %s the run goes on: the next step comes",
    (order) => {
      const walk = atEmail();
      const done = { kind: "stepResult", result: walk.resultOf(walk.current()) } as const;
      met(walk);
      if (order === "before") walk.apply(done);
      resume(walk);
      if (order === "after") walk.apply(done);
      expect([walk.seen(), sends(walk)]).toEqual([["a DONE", "b PENDING"], [1]]);
    },
  );

  test("RUN-4: where it stays unknown, the run stops at that step for a person", () => {
    const walk = atEmail();
    const result = { ...walk.resultOf(walk.current()), outcome: "ERROR" as const, reason: unknown };
    met(walk);
    walk.apply({ kind: "stepResult", result });
    resume(walk);
    expect([walk.run.status, walk.run.reason, walk.seen(), sends(walk)]).toEqual([
      "ERROR",
      unknown,
      ["a ERROR UNKNOWN_OUTCOME"],
      [1],
    ]);
    walk.apply({ kind: "stepResult", result: { ...result, outcome: "DONE", reason: null } });
    expect([walk.run.status, walk.seen()]).toEqual(["ACTIVE", ["a DONE", "b PENDING"]]);
  });

  test("RUN-4: an operational step under way is asked about under its name, not done anew", () => {
    const walk = new RunWalk(definition([updateLead("a"), updateLead("b")], { goals }));
    const [sent] = walk.run.executions;
    met(walk);
    resume(walk);
    expect(walk.told()).toEqual([1, 2].map(() => `updateLead run:${idOf("a")}:1`));
    walk.apply({ kind: "stepResult", result: walk.resultOf(sent!) });
    expect(walk.seen()).toEqual(["a DONE", "b PROCESSING"]);
  });

  test("RUN-7: a step removed meanwhile gives way to the next one; none left, it stays as it is", () => {
    const walk = atEmail();
    met(walk);
    walk.edit(definition([{ removed: "a" }, { removed: "b" }], { goals }));
    expect(resume(walk)).toMatchObject({ kind: "refused", reason: { code: "RUN_NOT_RESUMABLE" } });
    walk.edit(definition([{ removed: "a" }, updateLead("c")], { goals }));
    const [sent] = walk.run.executions;
    resume(walk);
    walk.apply({ kind: "stepResult", result: { ...walk.resultOf(sent!), outcome: "CANCELED" } });
    expect(walk.seen()).toEqual(["a CANCELED STEP_REMOVED", "c PROCESSING"]);
  });

  test("RUN-7: a step that was moved before what has ended is not left", () => {
    const waiting = updateLead("b", { delay: minutes(60) });
    const walk = new RunWalk(definition([updateLead("a"), waiting], { goals }));
    walk.answer("DONE");
    met(walk);
    walk.edit(definition([waiting, updateLead("a")], { goals }));
    expect(resume(walk)).toMatchObject({ kind: "refused", reason: { code: "RUN_NOT_RESUMABLE" } });
  });

  test("RUN-7: a finished run goes on with what was put behind its last step", () => {
    const walk = new RunWalk(definition([updateLead("a")]));
    walk.answer("DONE");
    expect(resume(walk)).toMatchObject({ kind: "refused" });
    walk.edit(definition([updateLead("a"), updateLead("b")]));
    resume(walk);
    expect([walk.run.status, walk.seen()]).toEqual(["ACTIVE", ["a DONE", "b PROCESSING"]]);
  });

  test("RUN-7: a canceled run does not", () => {
    const walk = atEmail();
    walk.apply({ kind: "cancel", actor: ADA });
    expect(resume(walk)).toMatchObject({ kind: "refused", reason: { code: "RUN_NOT_RESUMABLE" } });
  });
});
