import fc from "fast-check";
import { expect, test } from "vitest";
import { email, idOf, newRun } from "../runs/definition-builder.ts";
import { EXECUTION_STATUSES, RUN_STATUSES, type Run, type StepExecution } from "../runs/model.ts";
import { add, addChange, stepKey, type Tally, tallyOf } from "./tally.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 9, minute));

function executionOf(stepId: string, overrides: Partial<StepExecution> = {}): StepExecution {
  const nothing = { reason: null, revision: null, heldUntil: null, noticeAt: null, startedAt: null, withdrawing: null };
  return {
    ...nothing,
    id: `execution of ${stepId}`,
    stepId,
    kind: email("one").kind,
    name: null,
    status: "DONE",
    pendingSince: at(0),
    dueAt: at(0),
    endedAt: null,
    attempt: 1,
    messageId: null,
    taskId: null,
    changes: null,
    ...overrides,
  };
}

const minute = fc.integer({ min: 0, max: 30 }).map(at);
const execution = fc
  .record({
    stepId: fc.constantFrom("a", "b", "c"),
    kind: fc.constantFrom("EMAIL" as const, "SMS" as const, "TASK" as const),
    status: fc.constantFrom(...EXECUTION_STATUSES),
    reason: fc.option(fc.constantFrom("BOUNCED", "UNSUBSCRIBED").map((code) => ({ code, message: code }))),
    messageId: fc.option(fc.constant(idOf("message"))),
    endedAt: fc.option(minute),
  })
  .map(({ stepId, ...overrides }) => executionOf(stepId, overrides));
const story = fc.array(
  fc.record({
    status: fc.constantFrom(...RUN_STATUSES),
    respondedAt: fc.option(minute),
    executions: fc.array(execution, { maxLength: 4 }),
    /** How many of the executions before stay the same objects. */
    kept: fc.nat(4),
  }),
  { minLength: 1, maxLength: 6 },
);

test("API-1: what each change of a run adds makes up the tally of the run as it is at last", () => {
  fc.assert(
    fc.property(story, (states) => {
      const sum: Tally = new Map();
      let before: Run | null = null;
      for (const { kept, executions, ...state } of states) {
        const same: readonly StepExecution[] = before?.executions.slice(0, kept) ?? [];
        const after = newRun("run", at(0), { ...state, executions: [...same, ...executions.slice(same.length)] });
        addChange(sum, before, after);
        before = after;
      }
      expect(new Map([...sum].toSorted())).toEqual(new Map([...tallyOf(before!)].toSorted()));
    }),
  );
});

test("API-1: an amount that has come to nothing leaves no key", () => {
  const tally: Tally = new Map([["ACTIVE", 1]]);
  add(tally, "ACTIVE", -1);
  expect(tally.size).toBe(0);
});

test("API-1: messages that went out and that bounced are told from steps that made none", () => {
  const bounced = { code: "BOUNCED", message: "No such address." };
  const message = { messageId: idOf("message") };
  const tally = tallyOf(
    newRun("run", at(0), {
      executions: [
        executionOf("sent", message),
        executionOf("texted", { ...message, kind: "SMS" }),
        executionOf("bounced", { ...message, status: "SKIPPED", reason: bounced }),
        executionOf("known to bounce", { status: "SKIPPED", reason: bounced }),
        executionOf("unsubscribed", { ...message, status: "SKIPPED", reason: { ...bounced, code: "UNSUBSCRIBED" } }),
        executionOf("on its way", { ...message, status: "WAITING" }),
        executionOf("a task", { kind: "TASK" }),
      ],
    }),
  );
  expect([tally.get("messagesSent"), tally.get("bounced")]).toEqual([2, 1]);
  expect([tally.get(stepKey("on its way", "reached")), tally.get(stepKey("on its way", "done"))]).toEqual([
    1,
    undefined,
  ]);
});

test("GOAL-4: a response is timed from the last message before it; without one it only counts", () => {
  const message = { messageId: idOf("message") };
  const executions = [
    executionOf("first", { ...message, endedAt: at(1) }),
    executionOf("second", { ...message, endedAt: at(5) }),
    executionOf("too late", { ...message, endedAt: at(9) }),
  ];
  const timed = tallyOf(newRun("run", at(0), { respondedAt: at(7), executions }));
  expect([timed.get("responded"), timed.get("timedResponses"), timed.get("responseMs")]).toEqual([1, 1, 120_000]);
  const untimed = tallyOf(newRun("run", at(0), { respondedAt: at(0), executions }));
  expect([untimed.get("responded"), untimed.get("timedResponses")]).toEqual([1, undefined]);
});
