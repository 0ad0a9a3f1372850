import { expect, test } from "vitest";
import type { Subject } from "./subject.ts";
import { whereaboutsOf } from "./whereabouts.ts";

type Known = Pick<Subject, "object" | "isGone" | "into" | "leadId" | "actor">;
type Heard = [id: string, object: "LEAD" | "CONTACT", what: string | null | { lead: string }];
const actor = { kind: "USER", id: null, label: "Ada" } as const;

/** `what`: "contact@lead" it was merged into, null where it was deleted, or the lead that the contact went to. */
function known(heard: readonly Heard[]): Map<string, Known> {
  return new Map(
    heard.map(([id, object, what]): [string, Known] => {
      if (what !== null && typeof what === "object")
        return [id, { object, actor, isGone: false, into: null, leadId: what.lead }];
      const [into, leadId] = what?.split("@") ?? [];
      return [id, { object, actor, isGone: true, into: into && leadId ? { id: into, leadId } : null, leadId: null }];
    }),
  );
}

const cases: [string, Heard[], string][] = [
  ["a contact of which nothing was heard is where it was", [], "a@1"],
  ["a merged contact is what survives, of its lead", [["a", "CONTACT", "b@2"]], "b@2"],
  [
    "of two merges one behind the other the last counts",
    [
      ["a", "CONTACT", "b@2"],
      ["b", "CONTACT", "c@3"],
    ],
    "c@3",
  ],
  ["a deleted contact is gone", [["a", "CONTACT", null]], "no CONTACT"],
  [
    "what was merged into a deleted one is gone",
    [
      ["a", "CONTACT", "b@2"],
      ["b", "CONTACT", null],
    ],
    "no CONTACT",
  ],
  ["a contact of a merged lead stays, of the lead that survives", [["1", "LEAD", "2@2"]], "a@2"],
  [
    "leads are followed, too",
    [
      ["1", "LEAD", "2@2"],
      ["2", "LEAD", "3@3"],
    ],
    "a@3",
  ],
  [
    "the lead of what survives may have been merged",
    [
      ["a", "CONTACT", "b@2"],
      ["2", "LEAD", "3@3"],
    ],
    "b@3",
  ],
  ["a contact of a deleted lead is gone", [["1", "LEAD", null]], "no LEAD"],
  [
    "a contact that went to another lead is there",
    [
      ["a", "CONTACT", { lead: "4" }],
      ["1", "LEAD", null],
    ],
    "a@4",
  ],
  [
    "what survives may have gone to another lead",
    [
      ["a", "CONTACT", "b@2"],
      ["b", "CONTACT", { lead: "5" }],
    ],
    "b@5",
  ],
  [
    "two merged into each other are nowhere",
    [
      ["a", "CONTACT", "b@1"],
      ["b", "CONTACT", "a@1"],
    ],
    "no CONTACT",
  ],
  ["one merged into itself is nowhere", [["1", "LEAD", "1@1"]], "no LEAD"],
];

test.each(cases)("RUN-9: %s", (_, heard, expected) => {
  const where = whereaboutsOf({ id: "a", leadId: "1" }, known(heard));
  expect(where.kind === "there" ? `${where.place.id}@${where.place.leadId}` : `no ${where.object}`).toBe(expected);
});
