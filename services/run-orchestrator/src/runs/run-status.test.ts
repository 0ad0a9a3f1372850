import { describe, expect, test } from "vitest";
import { definition, email, idOf, officeHours, task, updateLead } from "./definition-builder.ts";
import { MAX_TRANSITIONS } from "./model.ts";
import { ADA, RunWalk } from "./run-walk.ts";

const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;
const failure = { code: "SENDER_UNRESOLVED", message: "No sender." };

test("RUN-1: every transition has its instant, actor and reason", () => {
  const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
  walk.apply({ kind: "pause", actor: ADA });
  walk.apply({ kind: "resume", actor: ADA });
  walk.after(60);
  walk.answer("DONE");
  expect(walk.run.transitions.map(({ from, to, actor, reason }) => [from, to, actor.label, reason?.code])).toEqual([
    [null, "ACTIVE", "Ada", "STARTED"],
    ["ACTIVE", "PAUSED", "Ada", "PAUSED_BY_HAND"],
    ["PAUSED", "ACTIVE", "Ada", "RESUMED_BY_HAND"],
    ["ACTIVE", "FINISHED", "Cadenza", "STEPS_ENDED"],
  ]);
  expect([walk.run.open, walk.run.endedAt, walk.run.wakeAt, walk.run.currentStepId]).toEqual([
    false,
    walk.now,
    null,
    null,
  ]);
});

test("RUN-1: the document keeps the newest transitions and gives the older ones away", () => {
  const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
  const dropped = Array.from({ length: 30 }, () => [
    walk.apply({ kind: "pause", actor: ADA }),
    walk.apply({ kind: "resume", actor: ADA }),
  ])
    .flat()
    .flatMap((decision) => (decision.kind === "moved" ? decision.droppedTransitions : []));
  expect([walk.run.transitions.length, dropped.length]).toEqual([MAX_TRANSITIONS, 61 - MAX_TRANSITIONS]);
});

describe("chains", () => {
  test("RUN-3: the next operational step without a delay is claimed in the same decision", () => {
    const walk = new RunWalk(definition([updateLead("a"), updateLead("b"), updateLead("c", { delay: hours(1) })]));
    walk.answer("DONE");
    walk.answer("SKIPPED", { reason: failure });
    expect(walk.seen()).toEqual(["a DONE", "b SKIPPED SENDER_UNRESOLVED", "c PENDING"]);
    expect([walk.current().dueAt, walk.run.wakeAt]).toEqual([
      new Date("2026-01-05T10:00:00Z"),
      new Date("2026-01-05T10:00:00Z"),
    ]);
  });

  test("RUN-3: a delay counts from the end of the step before, not from when the engine heard of it", () => {
    const walk = new RunWalk(definition([updateLead("a"), updateLead("b", { delay: hours(1) })]));
    const endedAt = walk.now;
    walk.now = new Date("2026-01-05T09:10:00Z");
    walk.answer("DONE", { at: endedAt });
    expect([walk.run.executions[0]!.endedAt, walk.current().dueAt]).toEqual([
      endedAt,
      new Date("2026-01-05T10:00:00Z"),
    ]);
  });
});

describe("results", () => {
  test("RUN-4: an answer for another attempt or an unknown step is a no-op", () => {
    const walk = new RunWalk(definition([updateLead("a"), updateLead("b")]));
    expect(walk.answer("DONE", { attempt: 2 })).toEqual({ kind: "unchanged", wants: null });
    expect(walk.answer("DONE", { stepId: idOf("b") })).toEqual({ kind: "unchanged", wants: null });
  });

  test("RUN-4: unanswered, the same command goes out again under the same key, after ever longer pauses", () => {
    const walk = new RunWalk(definition([updateLead("a")]));
    const pausesMs = Array.from({ length: 8 }, () => {
      const pauseMs = walk.run.wakeAt!.getTime() - walk.now.getTime();
      walk.tickAt(walk.run.wakeAt!);
      return pauseMs / 1000;
    });
    expect(pausesMs).toEqual([30, 30, 60, 120, 240, 480, 600, 600]);
    expect(new Set(walk.told())).toEqual(new Set([`updateLead run:${walk.current().stepId}:1`]));
  });

  test("RUN-2: a waiting effect has its ids and an alarm far away", () => {
    const walk = new RunWalk(definition([email("a")]));
    walk.answer("WAITING", { messageId: "message" });
    expect(walk.current()).toMatchObject({ status: "WAITING", messageId: "message" });
    expect(walk.run.wakeAt).toEqual(new Date(walk.now.getTime() + 6 * 3_600_000));
    expect(walk.answer("WAITING", { messageId: "message" })).toEqual({ kind: "unchanged", wants: null });
  });
});

describe("a failed step", () => {
  const failed = (reason = failure): RunWalk => {
    const walk = new RunWalk(definition([task("a"), updateLead("b")]));
    walk.answer("ERROR", { reason });
    return walk;
  };

  test("RUN-5: stops the run at that step", () => {
    const walk = failed();
    expect([walk.run.status, walk.run.reason, walk.run.open, walk.run.wakeAt, walk.seen()]).toEqual([
      "ERROR",
      failure,
      true,
      null,
      ["a ERROR SENDER_UNRESOLVED"],
    ]);
    expect(walk.run.reasonCodes).toEqual(["SENDER_UNRESOLVED"]);
  });

  test("RUN-5: retried, it is processed again with today's definition under a new key", () => {
    const walk = failed();
    walk.definition = definition([task("a", { description: "new" }), updateLead("b")], { revision: 2 });
    walk.apply({ kind: "retry", actor: ADA });
    expect(walk.current()).toMatchObject({ status: "PROCESSING", attempt: 2, revision: 2, reason: null });
    expect(walk.commands.at(-1)).toMatchObject({ kind: "createTask", item: { attempt: 2, description: "new" } });
    expect([walk.run.status, walk.run.reason]).toEqual(["ACTIVE", null]);
  });

  test("RUN-5: retried after its removal, the run moves on", () => {
    const walk = failed();
    walk.definition = definition([{ removed: "a" }, updateLead("b")], { revision: 2 });
    walk.apply({ kind: "retry", actor: ADA });
    expect(walk.seen()).toEqual(["a CANCELED STEP_REMOVED", "b PROCESSING"]);
  });

  test("RUN-5: retried, it does not give way to a step put before it, so that its key never comes twice", () => {
    const walk = new RunWalk(definition([email("a")], { schedule: officeHours() }));
    walk.answer("ERROR", { reason: failure });
    walk.now = new Date("2026-01-05T20:00:00Z");
    walk.apply({ kind: "retry", actor: ADA });
    walk.edit(definition([updateLead("new"), email("a")], { schedule: officeHours() }));
    expect(walk.seen()).toEqual(["a HELD OUTSIDE_WINDOW"]);
    walk.tickAt("2026-01-06T08:00:00Z");
    expect(walk.told()).toEqual([1, 2].map((attempt) => `prepareEmail run:${idOf("a")}:${attempt}`));
  });

  test("RUN-4: while it waits for its next attempt, the one before may turn out to have happened", () => {
    const walk = new RunWalk(definition([email("a"), updateLead("b")], { schedule: officeHours() }));
    const [sent] = walk.run.executions;
    walk.answer("ERROR", { reason: { code: "UNKNOWN_OUTCOME", message: "Unknown." } });
    walk.now = new Date("2026-01-05T20:00:00Z");
    walk.apply({ kind: "retry", actor: ADA });
    expect(walk.seen()).toEqual(["a HELD OUTSIDE_WINDOW"]);
    walk.apply({ kind: "stepResult", result: walk.resultOf(sent!) });
    expect(walk.seen()).toEqual(["a DONE", "b PROCESSING"]);
  });

  test("RUN-5: skipped, the run moves on", () => {
    const walk = failed();
    walk.apply({ kind: "skipStep", actor: ADA, stepId: walk.current().stepId });
    expect([walk.run.status, walk.seen()]).toEqual(["ACTIVE", ["a SKIPPED SKIPPED_BY_HAND", "b PROCESSING"]]);
  });

  test("RUN-5: skipping an open step withdraws its effect and does not wait for it", () => {
    const walk = new RunWalk(definition([task("a"), updateLead("b")]));
    walk.answer("WAITING");
    const open = walk.current();
    walk.apply({ kind: "skipStep", actor: ADA, stepId: null });
    expect(walk.told().map((command) => command.split(" ")[0])).toEqual(["createTask", "withdrawTask", "updateLead"]);
    expect(walk.apply({ kind: "stepResult", result: { ...walk.resultOf(open), outcome: "CANCELED" } }).kind).toBe(
      "unchanged",
    );
  });

  test("SND-3: an unknown outcome found to be sent makes the step done and the run go on", () => {
    const walk = failed({ code: "UNKNOWN_OUTCOME", message: "Nobody knows." });
    walk.answer("DONE");
    expect([walk.run.status, walk.seen()]).toEqual(["ACTIVE", ["a DONE", "b PROCESSING"]]);
  });

  test("SND-3: found not to be sent, the run stays at ERROR with what was found", () => {
    const walk = failed({ code: "UNKNOWN_OUTCOME", message: "Nobody knows." });
    walk.answer("ERROR", { reason: { code: "NOT_SENT", message: "It was not sent." } });
    expect([walk.run.status, walk.run.reason?.code, walk.seen()]).toEqual(["ERROR", "NOT_SENT", ["a ERROR NOT_SENT"]]);
  });

  test("REL-6: given up for our own fault and retried, it is asked for under the same key, because nobody knows what it did", () => {
    const walk = new RunWalk(definition([task("a")]));
    walk.apply({ kind: "giveUp" });
    expect([walk.run.status, walk.seen(), walk.run.wakeAt]).toEqual(["ERROR", ["a ERROR INTERNAL_ERROR"], null]);
    walk.apply({ kind: "retry", actor: ADA });
    expect(walk.told()).toEqual([walk.told()[0], walk.told()[0]]);
    expect(walk.run.status).toBe("ACTIVE");
  });
});

describe("pause and resume", () => {
  test("RUN-6: time goes on while paused, and nothing is processed", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
    walk.apply({ kind: "pause", actor: ADA });
    walk.after(180);
    expect([walk.run.status, walk.seen(), walk.run.wakeAt, walk.told()]).toEqual(["PAUSED", ["a PENDING"], null, []]);
    walk.apply({ kind: "resume", actor: ADA });
    expect(walk.current()).toMatchObject({ status: "PROCESSING", dueAt: walk.now });
  });

  test("RUN-6: resumed before its time, the step keeps it", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(2) })]));
    walk.apply({ kind: "pause", actor: ADA });
    walk.after(60);
    walk.apply({ kind: "resume", actor: ADA });
    expect(walk.run.wakeAt).toEqual(new Date("2026-01-05T11:00:00Z"));
  });

  test("RUN-6: what was handed over before the pause shows as done in the paused run", () => {
    const walk = new RunWalk(definition([email("a"), updateLead("b")]));
    walk.answer("WAITING");
    walk.apply({ kind: "pause", actor: ADA });
    walk.answer("DONE");
    expect([walk.run.status, walk.seen()]).toEqual(["PAUSED", ["a DONE", "b PENDING"]]);
    walk.apply({ kind: "resume", actor: ADA });
    expect(walk.seen()).toEqual(["a DONE", "b PROCESSING"]);
  });

  test("RUN-7: a finished run resumes where steps were added, and only there", () => {
    const walk = new RunWalk(definition([updateLead("a")]));
    walk.answer("DONE");
    expect(walk.apply({ kind: "resume", actor: ADA })).toMatchObject({
      kind: "refused",
      reason: { code: "RUN_NOT_RESUMABLE" },
    });
    walk.edit(definition([updateLead("a"), updateLead("b")]));
    walk.apply({ kind: "resume", actor: ADA });
    expect([walk.run.status, walk.run.open, walk.run.endedAt, walk.seen()]).toEqual([
      "ACTIVE",
      true,
      null,
      ["a DONE", "b PROCESSING"],
    ]);
  });

  test("WF-1: archiving pauses, and activating again does not resume", () => {
    const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
    walk.facts = { workflowStatus: "ARCHIVED" };
    walk.apply({ kind: "tick" });
    expect([walk.run.status, walk.run.reason?.code]).toEqual(["PAUSED", "WORKFLOW_ARCHIVED"]);
    expect(walk.apply({ kind: "resume", actor: ADA })).toMatchObject({
      kind: "refused",
      reason: { code: "RUN_NOT_RESUMABLE" },
    });
    walk.facts = { workflowStatus: "ACTIVE" };
    walk.after(120);
    expect([walk.run.status, walk.told()]).toEqual(["PAUSED", []]);
  });
});

describe("cancel", () => {
  test("RUN-7: withdraws what is open, ends at once, and cannot be resumed", () => {
    const walk = new RunWalk(definition([email("a"), updateLead("b")]));
    walk.answer("WAITING");
    walk.apply({ kind: "cancel", actor: ADA });
    expect([walk.run.status, walk.run.wakeAt, walk.seen(), walk.told().at(-1)]).toEqual([
      "CANCELED",
      null,
      ["a CANCELED RUN_CANCELED"],
      `withdrawMessage run:${idOf("a")}:1:withdraw`,
    ]);
    expect(walk.apply({ kind: "resume", actor: ADA })).toMatchObject({ reason: { code: "RUN_NOT_RESUMABLE" } });
  });

  test("RUN-6: a message that was sent after all shows as done; the run stays canceled", () => {
    const walk = new RunWalk(definition([email("a"), updateLead("b")]));
    const open = walk.current();
    walk.apply({ kind: "cancel", actor: ADA });
    walk.apply({ kind: "stepResult", result: { ...walk.resultOf(open), messageId: "message" } });
    expect([walk.run.status, walk.seen(), walk.run.executions[0]!.messageId]).toEqual([
      "CANCELED",
      ["a DONE"],
      "message",
    ]);
  });
});

test("ENR-6: what a run in its state does not allow is refused by its code", () => {
  const walk = new RunWalk(definition([email("a")]));
  const code = (decision: ReturnType<RunWalk["apply"]>) =>
    decision.kind === "refused" ? decision.reason.code : decision.kind;
  expect(code(walk.apply({ kind: "resume", actor: ADA }))).toBe("RUN_NOT_RESUMABLE");
  expect(code(walk.apply({ kind: "retry", actor: ADA }))).toBe("RUN_NOT_RETRYABLE");
  expect(code(walk.apply({ kind: "skipStep", actor: ADA, stepId: idOf("other") }))).toBe("STEP_NOT_CURRENT");
  expect(code(walk.apply({ kind: "changeRecipient", actor: ADA, contactId: idOf("other"), ordinal: 1 }))).toBe(
    "COMMUNICATION_STEP_OPEN",
  );
  walk.apply({ kind: "cancel", actor: ADA });
  for (const kind of ["pause", "cancel"] as const) expect(code(walk.apply({ kind, actor: ADA }))).toBe("RUN_NOT_OPEN");
  expect(code(walk.apply({ kind: "skipStep", actor: ADA, stepId: null }))).toBe("RUN_NOT_OPEN");
});

test("ENR-4: the recipient changes while no communication step is open", () => {
  const walk = new RunWalk(definition([email("a", { delay: hours(1) })]));
  walk.apply({ kind: "changeRecipient", actor: ADA, contactId: idOf("other"), ordinal: 3 });
  walk.after(60);
  expect(walk.commands[0]!.item).toMatchObject({ contactId: idOf("other") });
  expect(walk.run.ordinal).toBe(3);
});
