import type { Definition } from "@cadenza/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { definition, email, EPOCH, newRun, officeHours, task, updateLead } from "../runs/definition-builder.ts";
import { currentExecution } from "../runs/model.ts";
import { RunWalk } from "../runs/run-walk.ts";
import { simulatedReceivers } from "./simulated-receivers.ts";
import { walk, type WalkOptions } from "./walk.ts";

const NOWHERE = { timeZone: null, phones: [] };
const READY = { outcome: "READY" as const, reason: null, senderId: "sender", subject: "Hi", body: "<p>Hi</p>" };
const previewing = (emails = [READY]) =>
  simulatedReceivers({ previewEmails: async () => ({ emails }) }, "organization");

const dry = (under: Definition, options: Partial<WalkOptions> = {}, at = EPOCH) =>
  walk({ run: newRun("run", at), definition: under, contact: NOWHERE, answer: previewing(), ...options });

const DAY = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;
const zones = fc.constantFrom(
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "America/Sao_Paulo",
);
const delay = fc.record({
  amount: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
  unit: fc.constantFrom("MINUTE" as const, "HOUR" as const, "DAY" as const),
});
const schedule = fc.option(
  fc
    .record({
      zoneMode: fc.constantFrom("WORKFLOW" as const, "RECIPIENT" as const),
      timeZone: zones,
      ranges: fc.uniqueArray(
        fc.record({
          weekday: fc.constantFrom(...DAY),
          start: fc.constantFrom("00:00", "07:30", "09:00"),
          end: fc.constantFrom("10:00", "12:15", "17:00"),
        }),
        { selector: ({ weekday }) => weekday, minLength: 1, maxLength: 7 },
      ),
      blackoutDates: fc.subarray(["2026-01-06", "2026-03-29", "2026-10-25"]),
    })
    .map((values) => officeHours(values)),
);
const kinds = fc.array(fc.record({ kind: fc.constantFrom("email", "task", "update"), delay }), { maxLength: 7 });

/** The run as it is really made: looked at by its alarms, and at times that mean nothing to it. */
function reallyMade(under: Definition, contact: typeof NOWHERE | { timeZone: string; phones: [] }, at: Date): RunWalk {
  const made = new RunWalk(under, at);
  made.facts = { ...made.facts, contact };
  for (let turns = 0; made.run.open && turns < 5000; turns++) {
    const current = currentExecution(made.run);
    if (current?.status === "PROCESSING") made.answer("DONE");
    else {
      const idleAt = new Date(made.now.getTime() + 7 * 3_600_000);
      const alarm = made.run.wakeAt ?? idleAt;
      made.tickAt(alarm < made.now ? made.now : alarm < idleAt ? alarm : idleAt);
    }
  }
  return made;
}

test("EDIT-5, SCH-3: the times of a dry run are those of the run that is then really made", async () => {
  const minutes = fc.integer({ min: 0, max: 365 * 24 * 60 }).map((n) => new Date(Date.UTC(2026, 0, 1) + n * 60_000));
  const contacts = fc.oneof(
    fc.constant(NOWHERE),
    zones.map((timeZone) => ({ timeZone, phones: [] as [] })),
  );
  await fc.assert(
    fc.asyncProperty(kinds, schedule, contacts, minutes, async (steps, within, contact, at) => {
      const make = { email, task, update: updateLead };
      const under = definition(
        steps.map(({ kind, ...settings }, i) => make[kind as keyof typeof make](`step ${i}`, settings)),
        { schedule: within },
      );
      const { steps: shown, endsAt } = await dry(under, { contact }, at);
      const { run } = reallyMade(under, contact, at);
      expect(shown.map(({ stepId, dueAt, processedAt, outcome }) => [stepId, dueAt, processedAt, outcome])).toEqual(
        run.executions.map(({ stepId, dueAt, startedAt, status }) => [stepId, dueAt, startedAt, status]),
      );
      expect(endsAt).toEqual(run.endedAt);
    }),
    { numRuns: 200 },
  );
});

test("SCH-3: a step says what keeps it back before it is processed", async () => {
  const under = definition([email("one")], { schedule: officeHours() });
  const saturday = new Date("2026-01-10T12:00:00.000Z");
  const { steps, endsAt, problems } = await dry(under, {}, saturday);
  const monday = new Date("2026-01-12T08:00:00.000Z");
  expect(steps).toMatchObject([
    { dueAt: saturday, processedAt: monday, held: { code: "OUTSIDE_WINDOW" }, outcome: "DONE", reason: null },
  ]);
  expect(steps[0]).toMatchObject({ senderId: "sender", subject: "Hi", body: "<p>Hi</p>" });
  expect([endsAt, problems]).toEqual([monday, []]);
});

test("SCH-6: a step that no window admits is held, has no time, and is a problem", async () => {
  const under = definition([email("never"), updateLead("after")], { schedule: officeHours({ ranges: [] }) });
  const { steps, endsAt, problems } = await dry(under);
  expect(steps).toMatchObject([{ outcome: "HELD", processedAt: null, held: { code: "NO_WINDOW" } }]);
  expect([endsAt, problems.map(({ code }) => code)]).toEqual([null, ["NO_WINDOW"]]);
});

test("TASK-2: a task that a run waits for is taken as completed at once, and says so; an optional one is just done", async () => {
  const { steps } = await dry(definition([task("required"), task("optional", { optional: true })]));
  expect(steps.map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
    ["DONE", "ASSUMED_COMPLETED"],
    ["DONE", undefined],
  ]);
});

test("RUN-5: a dry run stops at the step where a run would stop, and goes on past one that is skipped", async () => {
  const under = definition([email("one"), updateLead("two")]);
  const reason = { code: "NO_EMAIL_ADDRESS", message: "There is no address." };
  const nothing = { senderId: null, subject: null, body: null };
  const skipping = simulatedReceivers(
    { previewEmails: async () => ({ emails: [{ outcome: "SKIPPED", reason, ...nothing }] }) },
    "organization",
  );
  const skipped = await dry(under, { answer: skipping });
  expect(skipped.steps.map(({ outcome }) => outcome)).toEqual(["SKIPPED", "DONE"]);
  expect([skipped.steps[0]?.reason?.code, skipped.problems]).toEqual(["NO_EMAIL_ADDRESS", []]);
  const failing = simulatedReceivers(
    { previewEmails: async () => ({ emails: [{ outcome: "ERROR", reason, ...nothing }] }) },
    "organization",
  );
  const failed = await dry(under, { answer: failing });
  expect(failed.steps.map(({ outcome }) => outcome)).toEqual(["ERROR"]);
  expect([failed.endsAt, failed.problems]).toEqual([null, [{ ...reason, stepId: under.places[0]!.stepId }]]);
});

test("WF-5: a step of a kind that cannot be carried out yet is where it ends", async () => {
  const { id, name, delay } = email("call");
  const call = { id, name, delay, kind: "CALL", assignee: null, note: null, ignoreSchedule: false } as const;
  const { steps, problems } = await dry(definition([{ ...call, optionalAfterDays: null }, updateLead("two")]));
  expect(steps).toMatchObject([{ outcome: "ERROR", reason: { code: "KIND_NOT_AVAILABLE" } }]);
  expect(problems).toMatchObject([{ code: "KIND_NOT_AVAILABLE", stepId: id }]);
});

test("API-4: a dry run takes so many turns and no more", async () => {
  const under = definition([updateLead("one"), updateLead("two"), updateLead("three")]);
  const { steps, endsAt, problems } = await dry(under, { maxDecisions: 2 });
  expect([steps.length, endsAt, problems.map(({ code }) => code)]).toEqual([2, null, ["DRY_RUN_TOO_LONG"]]);
});
