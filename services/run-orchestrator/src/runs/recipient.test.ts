import { expect, test } from "vitest";
import { definition, email, officeHours, updateLead } from "./definition-builder.ts";
import { ADA, RunWalk } from "./run-walk.ts";

const merged = { kind: "subjectMoved", leadId: "lead", contactId: "survivor", ordinal: 3 } as const;

test("RUN-9: a merge moves the run to what survives, and what is under way goes on", () => {
  const walk = new RunWalk(definition([email("a"), updateLead("b")]));
  walk.answer("WAITING", { messageId: "message" });
  const told = walk.commands.length;
  walk.apply(merged);
  expect(walk.run).toMatchObject({ leadId: "lead", contactId: "survivor", ordinal: 3, status: "ACTIVE" });
  expect([walk.seen(), walk.commands.length]).toEqual([["a WAITING"], told]);
  walk.answer("DONE");
  expect(walk.commands.at(-1)).toMatchObject({ kind: "updateLead", item: { leadId: "lead", contactId: "survivor" } });
  expect(walk.apply(merged).kind).toBe("unchanged");
});

test("RUN-9, SCH-1: what was found of the old contact says nothing of the one that survives", () => {
  const schedule = officeHours({ zoneMode: "RECIPIENT" });
  const walk = new RunWalk(definition([email("a", { delay: { amount: 1, unit: "DAY" } })], { schedule }));
  walk.facts = { workflowStatus: "ACTIVE", contact: { timeZone: "Asia/Tokyo", phones: [] } };
  walk.apply({ kind: "tick" });
  expect(walk.apply(merged)).toMatchObject({ kind: "moved", wants: { contact: true } });
});

test("RUN-9: a run that is over moves, too, and stays as it is", () => {
  const walk = new RunWalk(definition([updateLead("a")]));
  walk.apply({ kind: "cancel", actor: ADA });
  walk.apply(merged);
  expect(walk.run).toMatchObject({ contactId: "survivor", status: "CANCELED", wakeAt: null });
});

test("ENR-2: a run keeps the exclusivity group it was started in", () => {
  const walk = new RunWalk(definition([email("a")], { exclusivity: { group: "outreach", onConflict: "SKIP" } }));
  walk.edit(definition([email("a")]));
  expect([walk.run.exclusivityGroup, new RunWalk(definition([email("a")])).run.exclusivityGroup]).toEqual([
    "outreach",
    null,
  ]);
});
