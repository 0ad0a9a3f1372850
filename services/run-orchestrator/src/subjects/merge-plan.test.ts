import { expect, test } from "vitest";
import type { Rival } from "../runs/run-repository.ts";
import { endedByMerge } from "./merge-plan.ts";

const run = (_id: string, minute: number, workflowId: string, exclusivityGroup: string | null = null): Rival => ({
  _id,
  workflowId,
  contactId: "contact",
  exclusivityGroup,
  startedAt: new Date(minute * 60_000),
});

const cases: [string, Rival[], string[]][] = [
  ["runs of different workflows stay", [run("a", 1, "w1"), run("b", 2, "w2")], []],
  ["of two runs of one workflow the older stays", [run("a", 2, "w"), run("b", 1, "w")], ["a"]],
  ["of two as old the one with the lower id stays", [run("b", 1, "w"), run("a", 1, "w")], ["b"]],
  ["of two runs of one group the older stays", [run("a", 1, "w1", "g"), run("b", 2, "w2", "g")], ["b"]],
  ["runs of no group are no rivals", [run("a", 1, "w1", null), run("b", 2, "w2", null)], []],
  [
    "a run that ends keeps no other from staying",
    [run("a", 1, "w1"), run("b", 2, "w1", "g"), run("c", 3, "w2", "g")],
    ["b"],
  ],
  ["one run ends many younger ones", [run("a", 1, "w1", "g"), run("b", 2, "w1"), run("c", 3, "w3", "g")], ["b", "c"]],
];

test.each(cases)("RUN-9: %s", (_, open, ended) => {
  const plan = endedByMerge(open);
  expect([...plan.keys()].sort()).toEqual(ended);
  for (const { code } of plan.values()) expect(code).toBe("MERGED");
});
