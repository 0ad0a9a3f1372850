import { expect, test } from "vitest";
import { definition, idOf, updateLead } from "./definition-builder.ts";
import { RunWalk } from "./run-walk.ts";

const inAnHour = { delay: { amount: 1, unit: "HOUR" } } as const;
const steps = () => [updateLead("a", inAnHour), updateLead("b", inAnHour), updateLead("c", inAnHour)];
const ownedBy = (name: string) => definition(steps(), { ownerId: idOf(name) });
const senders = (walk: RunWalk) =>
  walk.commands.map(({ item }) => ("creatorOrEnrollingUserId" in item ? item.creatorOrEnrollingUserId : null));

test("WF-7: a new owner counts in runs under way for the steps processed after the change", () => {
  const walk = new RunWalk(ownedBy("first"));
  walk.after(60);
  const claimedUnder = walk.definition;
  walk.edit(ownedBy("second"));
  expect(senders(walk)).toEqual([idOf("first")]);
  // Nobody answers: the claimed step is asked again as it was (EDIT-4).
  walk.facts = { ...walk.facts, claimedDefinition: claimedUnder };
  walk.after(1);
  walk.answer("DONE");
  walk.edit(ownedBy("third"));
  walk.after(60);
  expect(senders(walk)).toEqual([idOf("first"), idOf("first"), idOf("third")]);
});

test("WF-7: a new owner changes nothing for a run that a user has started by hand", () => {
  const walk = new RunWalk(ownedBy("first"));
  walk.run = { ...walk.run, enrollingUserId: idOf("user") };
  walk.edit(ownedBy("second"));
  walk.after(60);
  expect(senders(walk)).toEqual([idOf("user")]);
});

test("SCH-5: an organization's new zone moves what waits for calendar days", () => {
  const inADay = [updateLead("a", { delay: { amount: 1, unit: "DAY" } })];
  // New York changes to summer time on March 8th, Berlin on the 29th.
  const walk = new RunWalk(definition(inADay), "2026-03-07T15:00:00Z");
  expect(walk.current().dueAt).toEqual(new Date("2026-03-08T15:00:00Z"));
  walk.edit(definition(inADay, { organizationTimeZone: "America/New_York" }));
  expect(walk.current().dueAt).toEqual(new Date("2026-03-08T14:00:00Z"));
});
