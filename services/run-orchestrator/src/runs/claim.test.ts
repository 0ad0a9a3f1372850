import { expect, test } from "vitest";
import { definition, email, idOf, officeHours, task, updateLead } from "./definition-builder.ts";
import { RunWalk } from "./run-walk.ts";

const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;

test.each([
  { title: "within the window at once", at: "2026-01-05T09:00:00Z", seen: "a PROCESSING", until: null },
  {
    title: "held until it opens",
    at: "2026-01-05T07:30:00Z",
    seen: "a HELD OUTSIDE_WINDOW",
    until: "2026-01-05T08:00:00Z",
  },
  {
    title: "held over the weekend",
    at: "2026-01-09T16:00:00Z",
    seen: "a HELD OUTSIDE_WINDOW",
    until: "2026-01-12T08:00:00Z",
  },
  {
    title: "held on a blacked out date",
    at: "2026-01-07T10:00:00Z",
    seen: "a HELD BLACKOUT",
    until: "2026-01-08T08:00:00Z",
  },
])("SCH-3: a due email is processed $title", ({ at, seen, until }) => {
  const walk = new RunWalk(definition([email("a")], { schedule: officeHours({ blackoutDates: ["2026-01-07"] }) }), at);
  expect([walk.seen(), walk.current().heldUntil]).toEqual([[seen], until && new Date(until)]);
  if (!until) return;
  expect(walk.run.wakeAt).toEqual(new Date(until));
  expect(walk.run.reasonCodes).toEqual([seen.split(" ")[2]]);
  walk.tickAt(until);
  expect(walk.seen()).toEqual(["a PROCESSING"]);
});

test("SCH-3: only communication steps keep the window", () => {
  const walk = new RunWalk(definition([updateLead("a")], { schedule: officeHours() }), "2026-01-05T03:00:00Z");
  expect(walk.seen()).toEqual(["a PROCESSING"]);
});

test("SCH-4: a step that ignores the schedule is processed at its due time, and sent at any", () => {
  const walk = new RunWalk(
    definition([email("a", { ignoreSchedule: true })], { schedule: officeHours() }),
    "2026-01-05T03:00:00Z",
  );
  expect(walk.commands).toMatchObject([{ kind: "prepareEmail", item: { schedule: null } }]);
});

test("SCH-6: a schedule that admits nothing holds the step, says so, and looks again a day later", () => {
  const walk = new RunWalk(definition([email("a")], { schedule: officeHours({ ranges: [] }) }));
  expect([walk.seen(), walk.current().heldUntil]).toEqual([["a HELD NO_WINDOW"], null]);
  expect(walk.run.wakeAt).toEqual(new Date("2026-01-06T09:00:00Z"));
});

test("SCH-7: the schedule travels with the command, to be kept at the moment of sending", () => {
  const schedule = officeHours();
  const walk = new RunWalk(definition([email("a")], { schedule }));
  expect(walk.commands).toMatchObject([{ item: { schedule } }]);
});

test("SCH-1: in the recipient's zone the run asks where the contact is before it processes", () => {
  const walk = new RunWalk(
    definition([email("a")], { schedule: officeHours({ zoneMode: "RECIPIENT" }) }),
    "2026-01-05T09:30:00Z",
  );
  expect([walk.seen(), walk.run.wakeAt]).toEqual([["a PENDING"], walk.now]);
  walk.facts = { ...walk.facts, contact: { timeZone: "America/New_York", phones: [] } };
  walk.apply({ kind: "tick" });
  expect([walk.seen(), walk.current().heldUntil]).toEqual([
    ["a HELD OUTSIDE_WINDOW"],
    new Date("2026-01-05T14:00:00Z"),
  ]);
});

test("SCH-1: a contact that is gone is counted in the workflow's zone", () => {
  const walk = new RunWalk(
    definition([email("a")], { schedule: officeHours({ zoneMode: "RECIPIENT" }) }),
    "2026-01-05T09:30:00Z",
  );
  walk.facts = { ...walk.facts, contact: null };
  walk.apply({ kind: "tick" });
  expect(walk.seen()).toEqual(["a PROCESSING"]);
});

test("SCH-5: days are calendar days over a change to summer time, hours are absolute", () => {
  const days = new RunWalk(
    definition([updateLead("a", { delay: { amount: 1, unit: "DAY" } })]),
    "2026-03-28T09:00:00Z",
  );
  expect(days.current().dueAt).toEqual(new Date("2026-03-29T08:00:00Z"));
  const absolute = new RunWalk(definition([updateLead("a", { delay: hours(24) })]), "2026-03-28T09:00:00Z");
  expect(absolute.current().dueAt).toEqual(new Date("2026-03-29T09:00:00Z"));
});

test.each([
  { title: "who started it by hand", enrollingUserId: idOf("user"), resolved: idOf("user") },
  { title: "the workflow's owner when nobody did", enrollingUserId: null, resolved: idOf("owner") },
])("WF-7: creator or enrolling user is $title", ({ enrollingUserId, resolved }) => {
  const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
  walk.run = { ...walk.run, enrollingUserId };
  walk.after(60);
  expect(walk.commands[0]!.item).toMatchObject({ creatorOrEnrollingUserId: resolved });
});

test("TRG-4: a command says which workflow it comes from and how deep in a chain", () => {
  const walk = new RunWalk(definition([updateLead("a", { delay: hours(1) })]));
  walk.run = {
    ...walk.run,
    depth: 3,
    event: { eventId: "event", kind: "LEAD_CREATED", data: {}, previous: {}, user: null },
  };
  walk.after(60);
  expect(walk.commands[0]!.item).toMatchObject({
    causation: { eventId: "event", workflowId: idOf("workflow"), runId: walk.run._id, depth: 3 },
    event: { kind: "LEAD_CREATED" },
  });
});

test.each([
  { step: email("a", { templateId: null }), code: "TEMPLATE_MISSING" },
  { step: email("a", { sender: null }), code: "SENDER_UNRESOLVED" },
  { step: task("a", { assignee: null }), code: "ASSIGNEE_UNRESOLVED" },
])("RUN-5: a step that lacks what it needs stops the run with $code", ({ step, code }) => {
  const walk = new RunWalk(definition([step]));
  expect([walk.run.status, walk.run.reason?.code, walk.seen(), walk.told()]).toEqual([
    "ERROR",
    code,
    [`a ERROR ${code}`],
    [],
  ]);
});
