import { newId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CREATE, EDIT, RESTORE, startWorld, step, UPDATE, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const customField = { object: "LEAD" as const, multiple: false, choices: [] };
  world.peers.customFields = [
    { ...customField, id: newId(world.clock.now()), name: "Size", type: "NUMBER" },
    { ...customField, id: newId(world.clock.now()), name: "Rank", type: "NUMBER", object: "CONTACT" },
  ];
});
afterAll(() => world.stop());

const state = async () =>
  (await world.ask(`{ workflows { totalCount nodes { id revision } } blackoutCalendars { id } }`)).data;
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

type Answer = { workflow: unknown; userErrors: { code: string; path: string[] }[] };
/** The first error of a request that must write nothing: a user error, or a malformed value. */
async function refusal(query: string, variables: object): Promise<[string, string]> {
  const before = await state();
  const { data, errors } = await world.ask(query, variables);
  expect(await state()).toEqual(before);
  const malformed = errors[0]?.extensions;
  if (malformed) return [malformed.code, malformed.path?.join(".") ?? "no path"];
  const [answer] = Object.values(data) as [Answer];
  expect(answer.workflow ?? null).toBeNull();
  const [error] = answer.userErrors;
  return [error?.code ?? "written", error?.path?.join(".") ?? "no path"];
}

const on = (event: string, path: string, op = "IS_EMPTY", value?: unknown) => ({
  event,
  conditions: { all: [{ test: { path, op, ...(value === undefined ? {} : { value }) } }] },
});
const conditions: [string, () => object, string, string][] = [
  ["an unknown path", () => on("LEAD_CREATED", "lead.colour"), "UNKNOWN_PATH", "path"],
  ["an unknown object", () => on("LEAD_CREATED", "user.name"), "UNKNOWN_PATH", "path"],
  [
    "an unknown custom field",
    () => on("LEAD_CREATED", `lead.custom.${newId(world.clock.now())}`),
    "UNKNOWN_CUSTOM_FIELD",
    "path",
  ],
  ["a malformed custom field", () => on("LEAD_CREATED", "lead.custom.nothing"), "UNKNOWN_CUSTOM_FIELD", "path"],
  [
    "another object's custom field",
    () => on("LEAD_CREATED", `lead.custom.${world.peers.customFields[1]?.id}`),
    "CUSTOM_FIELD_OF_OTHER_OBJECT",
    "path",
  ],
  [
    "a text for a number",
    () => on("LEAD_CREATED", `lead.custom.${world.peers.customFields[0]?.id}`, "EQUALS", "many"),
    "VALUE_NOT_ALLOWED",
    "value",
  ],
  [
    "an operator of other types",
    () => on("LEAD_CREATED", "lead.name", "GREATER_THAN", 3),
    "OPERATOR_NOT_ALLOWED",
    "op",
  ],
  [
    "a change of what never changes",
    () => on("LEAD_UPDATED", "lead.createdAt", "CHANGED"),
    "OPERATOR_NOT_ALLOWED",
    "op",
  ],
  ["an opportunity where none comes", () => on("LEAD_UPDATED", "opportunity.note"), "PATH_NOT_IN_EVENT", "path"],
  ["another event's data", () => on("LEAD_UPDATED", "event.data.confidence"), "UNKNOWN_PATH", "path"],
];
test.each(conditions)(
  "TRG-2, API-5: conditions with %s are refused when they are saved, a draft's too",
  async (_, trigger, code, at) => {
    const path = `input.trigger.conditions.all.0.test.${at}`;
    expect(await refusal(CREATE, { input: { name: "Bad", trigger: trigger() } })).toEqual([code, path]);
    const { workflow } = await world.change(CREATE, { input: { name: "Good" } });
    const input = { expectedRevision: 1, trigger: trigger() };
    expect(await refusal(UPDATE, { id: workflow.id, input })).toEqual([code, path]);
  },
);

test("TRG-2: conditions on the organization's own fields and the event's data are saved", async () => {
  const field = world.peers.customFields[0]?.id;
  const trigger = {
    event: "LEAD_UPDATED",
    conditions: {
      any: [
        { test: { path: `lead.custom.${field}`, op: "GREATER_THAN", value: 10 } },
        { test: { path: `event.data.custom.${field}`, op: "CHANGED_TO", value: 7 } },
        { not: { test: { path: "event.data.status", op: "CHANGED" } } },
      ],
    },
  };
  const { workflow, userErrors } = await world.change(CREATE, { input: { name: "Good", trigger } });
  expect(userErrors).toEqual([]);
  expect(workflow.trigger.conditions).toEqual(trigger.conditions);
});

test("API-5: trees of ten thousand parts or of many levels are refused with a path, at once", async () => {
  const trees: [object, string][] = [
    [{ all: many(10_000, () => ({ all: [] })) }, "TOO_MANY"],
    [{ any: many(100, () => ({ all: many(100, () => ({ any: [] })) })) }, "TOO_MANY"],
    [many(30, () => 0).reduce<object>((inner) => ({ not: inner }), { all: [] }), "TOO_DEEP"],
  ];
  for (const [tree, code] of trees) {
    const input = { name: "Huge", trigger: { event: "LEAD_CREATED", conditions: tree } };
    const [told, path] = await refusal(CREATE, { input });
    expect(told).toBe(code);
    expect(path).toMatch(/^input\.trigger\.conditions/);
  }
});

const inputs: [string, object, string, string][] = [
  [
    "a fractional delay",
    { steps: [{ ...step("x"), delay: { amount: 1.5, unit: "DAY" } }] },
    "BAD_USER_INPUT",
    "input.steps.0.delay.amount",
  ],
  [
    "a delay beyond any number",
    { steps: [{ ...step("x"), delay: { amount: 2 ** 31, unit: "DAY" } }] },
    "BAD_USER_INPUT",
    "input.steps.0.delay.amount",
  ],
  [
    "a delay of 366 days",
    { steps: [{ ...step("x"), delay: { amount: 366, unit: "DAY" } }] },
    "DELAY_OUT_OF_RANGE",
    "input.steps.0.delay.amount",
  ],
  [
    "a negative delay",
    { steps: [{ ...step("x"), delay: { amount: -1, unit: "HOUR" } }] },
    "DELAY_OUT_OF_RANGE",
    "input.steps.0.delay.amount",
  ],
  [
    "a fractional number of days",
    { steps: [{ call: { optionalAfterDays: 0.5 } }] },
    "BAD_USER_INPUT",
    "input.steps.0.call.optionalAfterDays",
  ],
  [
    "a negative number of days",
    { steps: [{ call: { optionalAfterDays: -3 } }] },
    "OUT_OF_RANGE",
    "input.steps.0.call.optionalAfterDays",
  ],
  [
    "days between starts below none",
    { reentry: { mode: "ONCE", minimumDaysSinceLastStart: -1 } },
    "OUT_OF_RANGE",
    "input.reentry.minimumDaysSinceLastStart",
  ],
  ["no number of stalled days", { trigger: { event: "OPPORTUNITY_STALLED" } }, "REQUIRED", "input.trigger.stalledDays"],
  ["a blank exclusivity group", { exclusivity: { group: " " } }, "BAD_USER_INPUT", "input.exclusivity.group"],
  ["too many goal statuses", { goals: { leadStatusIds: many(101, String) } }, "TOO_MANY", "input.goals.leadStatusIds"],
  [
    "prototype keys in a value",
    { steps: [{ createOpportunity: { fields: [{ field: "note", value: { $set: 1 } }] } }] },
    "BAD_USER_INPUT",
    "input.steps.0.createOpportunity.fields.0.value.$set",
  ],
  [
    "two calendars of which one is unknown",
    { schedule: { timeZone: "UTC", ranges: [], blackoutCalendarIds: ["x"] } },
    "NOT_FOUND",
    "input.schedule.blackoutCalendarIds.0",
  ],
  [
    "1,001 blackout dates",
    { schedule: { timeZone: "UTC", ranges: [], blackoutDates: many(1001, () => "2026-12-24") } },
    "TOO_MANY",
    "input.schedule.blackoutDates",
  ],
  ["101 steps", { steps: many(101, (index) => step(`S${index}`)) }, "TOO_MANY_STEPS", "input.steps.100"],
];
test.each(inputs)("API-5: %s: refused with a path, and nothing is written", async (_, given, code, path) => {
  expect(await refusal(CREATE, { input: { name: "Bad", ...given } })).toEqual([code, path]);
});

test("API-5: a workflow of a hundred steps takes no other, whichever way it comes", async () => {
  const { workflow } = await world.change(CREATE, {
    input: { name: "Full", steps: many(100, (index) => step(`S${index}`)) },
  });
  const { id } = workflow;
  const add = { add: { step: step("one more") } };
  expect(await refusal(EDIT, { id, revision: 1, edits: [add] })).toEqual(["TOO_MANY_STEPS", "edits.0"]);
  const one = `mutation($id: ID!, $step: StepInput!) { addStep(workflowId: $id, expectedRevision: 1, step: $step) { workflow { id } userErrors { code path } } }`;
  expect((await refusal(one, { id, step: step("x") }))[0]).toBe("TOO_MANY_STEPS");
  const input = { expectedRevision: 1, edits: [add] };
  expect(await refusal(UPDATE, { id, input })).toEqual(["TOO_MANY_STEPS", "input.edits.0"]);

  const emptied = await world.change(EDIT, { id, revision: 1, edits: [{ remove: workflow.steps[0].id }, add] });
  expect(emptied.workflow.steps).toHaveLength(100);
  const restored = await world.change(RESTORE, { id, revision: 2, number: 1 });
  expect(restored.workflow.steps).toEqual(workflow.steps);
});

test("WF-4, API-5: a batch with one wrong edit changes nothing, and says which", async () => {
  const { workflow } = await world.change(CREATE, { input: { name: "Edited", steps: [step("A"), step("B")] } });
  const { id, steps } = workflow;
  const [a] = steps;
  const good = { add: { step: step("C") } };
  const wrong: [object, string, string][] = [
    [{ remove: "nonsense" }, "NOT_FOUND", "remove"],
    [{ move: { stepId: a.id, position: 3 } }, "POSITION_OUT_OF_RANGE", "move.position"],
    [{ move: { stepId: a.id, position: -1 } }, "POSITION_OUT_OF_RANGE", "move.position"],
    [{ add: { step: step("x"), position: 4 } }, "POSITION_OUT_OF_RANGE", "add.position"],
    [{ update: { stepId: "nonsense", step: step("x") } }, "NOT_FOUND", "update.stepId"],
    [{ update: { stepId: a.id, step: { sms: {} } } }, "STEP_KIND_FIXED", "update.step"],
    [{ remove: a.id, move: { stepId: a.id, position: 0 } }, "EXACTLY_ONE_OF", ""],
    [{}, "EXACTLY_ONE_OF", ""],
  ];
  for (const [edit, code, at] of wrong) {
    const path = ["edits", "1", ...(at === "" ? [] : [at])].join(".");
    expect(await refusal(EDIT, { id, revision: 1, edits: [good, edit] })).toEqual([code, path]);
    const input = { expectedRevision: 1, name: "No", edits: [good, edit] };
    expect(await refusal(UPDATE, { id, input })).toEqual([code, `input.${path}`]);
  }
  const twice = [{ remove: a.id }, { remove: a.id }];
  expect(await refusal(EDIT, { id, revision: 1, edits: twice })).toEqual(["NOT_FOUND", "edits.1.remove"]);
  const gone = [{ remove: a.id }, { update: { stepId: a.id, step: step("x") } }];
  expect(await refusal(EDIT, { id, revision: 1, edits: gone })).toEqual(["NOT_FOUND", "edits.1.update.stepId"]);
  const hordes = many(201, () => ({ move: { stepId: a.id, position: 0 } }));
  expect(await refusal(EDIT, { id, revision: 1, edits: hordes })).toEqual(["TOO_MANY", "edits"]);
});

test("SCH-2, API-5: a calendar of ten thousand dates is refused; one of none does no harm", async () => {
  const mutation = `mutation($dates: [Date!]!) { createBlackoutCalendar(name: "Days", dates: $dates) { blackoutCalendar { id } userErrors { code path } } }`;
  const days = many(10_000, (index) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10));
  expect(await refusal(mutation, { dates: days })).toEqual(["TOO_MANY", "dates"]);
  expect((await refusal(mutation, { dates: ["2026-02-30"] }))[0]).toBe("BAD_USER_INPUT");
  const { blackoutCalendar } = await world.change(mutation, { dates: [] });
  const schedule = {
    timeZone: "UTC",
    ranges: [{ weekday: "MONDAY", start: "09:00", end: "17:00" }],
    blackoutCalendarIds: [blackoutCalendar.id, blackoutCalendar.id],
  };
  const { workflow, problems } = await world.change(CREATE, { input: { name: "Free", schedule, steps: [step("A")] } });
  expect(workflow.schedule).toMatchObject({ blackoutDates: [], blackoutCalendars: [{ dates: [] }] });
  expect(problems).toEqual([]);
});
