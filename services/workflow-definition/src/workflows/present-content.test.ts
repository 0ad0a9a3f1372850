import { DEFAULT_GOALS } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { contentOf, placesOf, stepNamed } from "../../test/builders.ts";
import { email } from "../../test/validation-builders.ts";
import { presentContent, type StoredContent } from "./present-content.ts";

test("REL-7: what an earlier version stored is read with the defaults of what it did not know", () => {
  const present = contentOf({
    trigger: { event: "LEAD_CREATED", conditions: null, stalledDays: null },
    places: [...placesOf(email(), stepNamed("B")), { stepId: "removed", step: null }],
  });
  const { goals: _, exclusivity: __, ...known } = present;
  const { replyInThread: ___, ...oldEmail } = email() as { replyInThread?: boolean };
  const stored = {
    ...known,
    trigger: { event: "LEAD_CREATED", conditions: null },
    places: [{ ...present.places[0], step: oldEmail }, ...present.places.slice(1)],
  } as StoredContent;
  expect(presentContent(stored)).toEqual({ ...present, goals: DEFAULT_GOALS, exclusivity: null });
});

test("REL-7: what this version stored is read as it is", () => {
  const content = contentOf({
    trigger: { event: "OPPORTUNITY_STALLED", conditions: null, stalledDays: 9 },
    goals: { ...DEFAULT_GOALS, smsReply: false },
    exclusivity: { group: "sales", onConflict: "REPLACE" },
    places: placesOf(email({ replyInThread: true })),
  });
  expect(presentContent(content)).toEqual(content);
});
