import { expect, test } from "vitest";
import { changesOf } from "./changes-of.ts";
import { definition, idOf, updateLead } from "./definition-builder.ts";
import { RunWalk } from "./run-walk.ts";

test("PERF-1: a step's end and the next one's claim write what changed, and nothing else", () => {
  const walk = new RunWalk(definition([updateLead("a"), updateLead("b")]));
  const before = walk.run;
  walk.now = new Date(walk.now.getTime() + 1000);
  walk.answer("DONE", { changes: [] });
  expect(Object.keys(changesOf(before, walk.run)).toSorted()).toEqual([
    "currentStepId",
    "executions.0.changes",
    "executions.0.endedAt",
    "executions.0.status",
    "executions.1",
    "updatedAt",
    "version",
  ]);
});

test("EDIT-2: a step that gives its place to another is replaced as a whole", () => {
  const hour = { amount: 1, unit: "HOUR" } as const;
  const walk = new RunWalk(definition([updateLead("a", { delay: hour })]));
  const before = walk.run;
  walk.edit(definition([updateLead("b", { delay: hour }), updateLead("a", { delay: hour })]));
  expect(changesOf(before, walk.run)["executions.0"]).toMatchObject({ stepId: idOf("b"), status: "PENDING" });
});

test("EDIT-2: a step that is gone is taken out", () => {
  const walk = new RunWalk(definition([updateLead("a", { delay: { amount: 1, unit: "HOUR" } })]));
  const before = walk.run;
  walk.edit(definition([]));
  expect(changesOf(before, walk.run)).toMatchObject({ executions: [], status: "FINISHED", wakeAt: null });
});
