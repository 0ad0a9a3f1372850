import fc from "fast-check";
import { expect, test } from "vitest";
import { expectedOf, type Happening, type NewStep, seenOf, Story } from "./story.ts";

const minutes = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 }), fc.constantFrom(1440, 2880));
const newStep: fc.Arbitrary<NewStep> = fc.record({
  kind: fc.constantFrom("EMAIL", "EMAIL", "TASK", "UPDATE_LEAD"),
  minutes,
  anyTime: fc.boolean(),
});
const place = fc.nat(6);
const bare = (
  kind: Extract<Happening["kind"], "alarm" | "pause" | "resume" | "cancel" | "retry" | "skip" | "archive" | "activate">,
) => fc.constant({ kind } as Happening);
/** Mostly what keeps a run going; all that disturbs it, now and then. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: bare("alarm") },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 2000 }) }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      effect: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
      outcome: fc.constantFrom(
        "WAITING",
        "WAITING",
        "DONE",
        "DONE",
        "SKIPPED",
        "ERROR",
        "CANCELED" as const,
      ) as fc.Arbitrary<"DONE">,
      why: fc.nat(2),
      ago: fc.oneof(fc.constant(0), fc.integer({ min: -5, max: 100 })),
      holds: fc.option(fc.integer({ min: 1, max: 500 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("again" as const), back: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("add" as const), at: place, step: newStep }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), at: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("move" as const), at: place, to: place }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delay" as const), at: place, minutes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("restore" as const), revision: fc.nat(8) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("settings" as const),
      office: fc.boolean(),
      replyEnds: fc.constantFrom(true, true, false),
      mayMark: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reply" as const), ago: fc.integer({ min: -2, max: 200 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("mark" as const, "unmark" as const), call: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("away" as const), days: fc.integer({ min: -1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("merge" as const, "change" as const), contact: fc.nat(2) }),
  },
  { weight: 7, arbitrary: fc.oneof(bare("resume"), bare("retry")) },
  { weight: 2, arbitrary: fc.oneof(bare("pause"), bare("skip")) },
  { weight: 1, arbitrary: fc.oneof(bare("cancel"), bare("archive"), bare("activate"), bare("activate")) },
);

/** Two seconds alone on two cores; a busy machine takes its time. */
const PATIENT = { timeout: 120_000 };

function judge(story: Story): void {
  expect(seenOf(story)).toEqual(expectedOf(story));
}

/** Of a story that fails, the seed that tells it again stands in the message. */
test(
  "EDIT-1, EDIT-2, EDIT-3, EDIT-4, RUN-1 to RUN-7, RUN-9, GOAL-1, GOAL-2, GOAL-4, GOAL-5: a run does what the rules say",
  PATIENT,
  () => {
    fc.assert(
      fc.property(
        fc.array(newStep, { maxLength: 6, size: "max" }),
        fc.array(happening, { maxLength: 60, size: "max" }),
        (steps, happenings) => {
          const story = new Story(steps);
          judge(story);
          for (const what of happenings) {
            story.play(what);
            judge(story);
            // Looking again changes nothing.
            story.play({ kind: "tick" });
            judge(story);
          }
        },
      ),
      { numRuns: 2000 },
    );
  },
);
