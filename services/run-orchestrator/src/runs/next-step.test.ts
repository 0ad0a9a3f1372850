import { expect, test } from "vitest";
import { definition, updateLead } from "./definition-builder.ts";
import type { ExecutionStatus, StepExecution } from "./model.ts";
import { nextStep } from "./next-step.ts";

const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => updateLead(name)) as [
  ReturnType<typeof updateLead>,
  ReturnType<typeof updateLead>,
  ReturnType<typeof updateLead>,
  ReturnType<typeof updateLead>,
];

function went(...steps: [{ id: string }, ExecutionStatus][]): StepExecution[] {
  return steps.map(([{ id }, status]) => ({ stepId: id, status }) as StepExecution);
}

test.each([
  { title: "the first step when none has ended", order: [a, b], executions: [], next: "a" },
  { title: "the one after the step that ended", order: [a, b, c], executions: went([a, "DONE"]), next: "b" },
  { title: "a skipped step has ended too", order: [a, b], executions: went([a, "SKIPPED"]), next: "b" },
  { title: "a failed step has not ended", order: [a, b], executions: went([a, "ERROR"]), next: "a" },
  {
    title: "a step put right after the ended one",
    order: [a, d, b],
    executions: went([a, "DONE"], [b, "PENDING"]),
    next: "d",
  },
  { title: "a step put before the ended one is past", order: [d, a, b], executions: went([a, "DONE"]), next: "b" },
  {
    title: "after a tombstone, what stood behind it",
    order: [{ removed: "a" }, b, c],
    executions: went([a, "DONE"]),
    next: "b",
  },
  { title: "a tombstone is never next", order: [a, { removed: "b" }, c], executions: went([a, "DONE"]), next: "c" },
  {
    title: "an ended step moved behind is not done again",
    order: [b, a, c],
    executions: went([a, "DONE"], [b, "DONE"]),
    next: "c",
  },
  {
    title: "after the last in time, not in place",
    order: [b, a, c],
    executions: went([a, "DONE"], [b, "DONE"]),
    next: "c",
  },
  { title: "none behind the last", order: [a, b], executions: went([a, "DONE"], [b, "DONE"]), next: null },
])("EDIT-1: $title", ({ order, executions, next }) => {
  expect(nextStep(definition(order).places, executions)?.name ?? null).toBe(next);
});
