import { newId } from "@cadenza/platform";
import { expect, test } from "vitest";
import { definition, EPOCH, idOf, task } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import type { EventSubject } from "./event-subjects.ts";
import type { Match } from "./match.ts";
import { depthOf, startOf } from "./start-of.ts";

const ids = { id: idOf("lead"), leadId: idOf("lead") };
const subject: EventSubject = { lead: null, opportunity: null, contact: null, primaryContactId: idOf("primary") };
const match = (change = changeOf("LEAD", "UPDATED", ids)): Match => {
  return {
    change,
    event: "LEAD_UPDATED",
    workflow: { definition: definition([task("x")], { recipient: "PRIMARY_CONTACT" }), status: "ACTIVE" },
  };
};
const causedBy = (workflowId: string | null, depth: number) => ({ eventId: null, runId: null, workflowId, depth });

test("TRG-3: the same event, workflow and contact make the same run; another of them makes another", () => {
  const change = changeOf("LEAD", "UPDATED", ids);
  const idOfStart = (which: Match, who = subject): string => {
    const start = startOf(which, who);
    return start.kind === "candidate" ? start.candidate.id : start.id;
  };
  expect(idOfStart(match(change))).toBe(idOfStart(match({ ...change })));
  expect(idOfStart(match({ ...change, key: newId(EPOCH) }))).not.toBe(idOfStart(match(change)));
  expect(idOfStart(match(change), { ...subject, primaryContactId: idOf("other") })).not.toBe(idOfStart(match(change)));
});

test("TRG-4: a person's change is depth 0, and every workflow behind it adds one", () => {
  expect(depthOf({ causation: causedBy(null, 0) })).toBe(0);
  expect(depthOf({ causation: causedBy(idOf("another"), 0) })).toBe(1);
  expect(depthOf({ causation: causedBy(idOf("another"), 6) })).toBe(7);
});

test.each([
  [idOf("workflow"), 0, "SELF_TRIGGERED"],
  [idOf("another"), 6, null],
  [idOf("another"), 7, "CHAIN_TOO_DEEP"],
  [null, 0, null],
] as const)("TRG-4: a change by %s at depth %i is refused with %s", (workflowId, depth, code) => {
  const start = startOf(match(changeOf("LEAD", "UPDATED", ids, { causation: causedBy(workflowId, depth) })), subject);
  expect(start.kind === "candidate" ? (start.refusal?.code ?? null) : start.kind).toBe(code);
});
