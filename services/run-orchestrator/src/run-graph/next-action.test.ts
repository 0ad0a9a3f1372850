import { expect, test } from "vitest";
import { newRun } from "../runs/definition-builder.ts";
import type { ExecutionStatus, StepExecution } from "../runs/model.ts";
import { nextAction } from "./next-action.ts";

const dueAt = new Date("2026-01-06T09:00:00.000Z");
const heldUntil = new Date("2026-01-07T08:00:00.000Z");
const outside = { code: "OUTSIDE_WINDOW", message: "The schedule is closed." };

function execution(status: ExecutionStatus, overrides: Partial<StepExecution> = {}): StepExecution {
  const never = {
    heldUntil: null,
    noticeAt: null,
    startedAt: null,
    endedAt: null,
    withdrawing: null,
    messageId: null,
    taskId: null,
    changes: null,
  };
  return {
    ...never,
    id: "e",
    stepId: "s",
    kind: "EMAIL",
    name: null,
    status,
    reason: null,
    revision: null,
    pendingSince: dueAt,
    dueAt,
    attempt: 0,
    ...overrides,
  };
}

test.each(["PENDING", "PROCESSING", "WAITING", "ERROR"] as const)(
  "RUN-3: a step that is %s is shown with its due time",
  (status) => {
    const run = newRun("run", dueAt, { executions: [execution("DONE"), execution(status)] });
    expect(nextAction(run)).toEqual({ stepId: "s", kind: "EMAIL", status, at: dueAt, held: null });
  },
);

test("RUN-3: a held step says until when and why", () => {
  const run = newRun("run", dueAt, { executions: [execution("HELD", { heldUntil, reason: outside })] });
  expect(nextAction(run)).toMatchObject({ status: "HELD", at: heldUntil, held: outside });
});

test("RUN-3: a step held without an end names no time", () => {
  const run = newRun("run", dueAt, {
    executions: [execution("HELD", { reason: { code: "NO_WINDOW", message: "Never." } })],
  });
  expect(nextAction(run)).toMatchObject({ at: null, held: { code: "NO_WINDOW" } });
});

test("RUN-3: a run that has ended, or that stands at no step, has no next action", () => {
  expect(nextAction(newRun("run", dueAt, { open: false, executions: [execution("PENDING")] }))).toBeNull();
  expect(nextAction(newRun("run", dueAt, { executions: [execution("SKIPPED")] }))).toBeNull();
});
