import type { CustomFieldView, PersonRule, Step } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { contentOf, idOf, placesOf, stepNamed } from "../../test/builders.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { problemsOf } from "./problems-of.ts";
import { type References, referenceIdsOf } from "./references.ts";

const customField = (name: string, changes: Partial<CustomFieldView> = {}): CustomFieldView => {
  return { id: idOf(name), object: "LEAD", name, type: "TEXT", multiple: false, choices: [], ...changes };
};
const fields = [
  customField("text"),
  customField("number", { type: "NUMBER" }),
  customField("users", { type: "USER", multiple: true }),
  customField("of contacts", { object: "CONTACT" }),
];
const references: References = {
  organizationTimeZone: "Europe/Berlin",
  users: new Map([
    [idOf("owner"), "ACTIVE"],
    [idOf("gone"), "DEACTIVATED"],
  ]),
  customFields: new Map(fields.map((field) => [field.id, field])),
  leadStatusIds: new Set([idOf("status")]),
  templates: new Map([
    [idOf("email"), { id: idOf("email"), channel: "EMAIL", shared: true }],
    [idOf("sms"), { id: idOf("sms"), channel: "SMS", shared: true }],
    [idOf("private"), { id: idOf("private"), channel: "EMAIL", shared: false }],
  ]),
};

const person = (mode: PersonRule["mode"], given: Partial<PersonRule> = {}): PersonRule => {
  return { mode, userId: null, groupIds: [], customFieldId: null, ...given };
};
const base = { id: idOf("step"), name: null, delay: { amount: 0, unit: "MINUTE" } as const };
const creator = person("CREATOR_OR_ENROLLING_USER");
const email = (changes: object = {}): Step => {
  const settings = {
    sender: creator,
    templateId: idOf("email"),
    sendMode: "SEND",
    replyInThread: false,
    ignoreSchedule: false,
  } as const;
  return { ...base, kind: "EMAIL", ...settings, ...changes };
};
const task = (changes: object = {}): Step => {
  return { ...base, kind: "TASK", description: "Call", due: null, assignee: creator, optional: false, ...changes };
};
const update = (field: string, value: unknown = null, template: string | null = null): Step => {
  return {
    ...base,
    kind: "UPDATE_LEAD",
    fields: [{ field, value, template }],
    overwrite: true,
    addMissingChoices: false,
  };
};
const faultsOf = (content: WorkflowContent) =>
  problemsOf(content, references).map(({ code, stepId, field }) => [code, stepId, field]);

const good: [string, Step][] = [
  ["an email", email()],
  ["an email by a certain user", email({ sender: person("USER", { userId: idOf("owner") }) })],
  [
    "a task for the users of a lead's field",
    task({ assignee: person("CUSTOM_FIELD", { customFieldId: idOf("users") }) }),
  ],
  ["a task due in 365 days", task({ due: { amount: 365, unit: "DAY" } })],
  ["a static value", update("description", "x")],
  ["a template", update("description", null, "{{ contact.name }}")],
  ["an emptied field", update("url", null)],
  ["a lead status", update("status", idOf("status"))],
  ["a number", update(`custom.${idOf("number")}`, 7)],
  ["a list of users", update(`custom.${idOf("users")}`, [idOf("owner")])],
  ["the longest delay", { ...update("url", "https://x.example"), delay: { amount: 525_600, unit: "MINUTE" } }],
];
test.each(good)("WF-5: %s has no fault", (_, step) => {
  expect(faultsOf(contentOf({ places: placesOf(step) }))).toEqual([]);
});

const faulty: [string, Step, string, string][] = [
  ["no sender", email({ sender: null }), "SENDER_MISSING", "email.sender"],
  [
    "a sender mode that email does not have",
    email({ sender: person("CUSTOM_FIELD", { customFieldId: idOf("users") }) }),
    "SENDER_MODE_NOT_ALLOWED",
    "email.sender.mode",
  ],
  [
    "an unknown sender",
    email({ sender: person("USER", { userId: idOf("nobody") }) }),
    "USER_NOT_FOUND",
    "email.sender.userId",
  ],
  ["no certain sender", email({ sender: person("USER") }), "USER_NOT_FOUND", "email.sender.userId"],
  [
    "a deactivated sender",
    email({ sender: person("USER", { userId: idOf("gone") }) }),
    "USER_DEACTIVATED",
    "email.sender.userId",
  ],
  ["no template", email({ templateId: null }), "TEMPLATE_MISSING", "email.templateId"],
  ["an unknown template", email({ templateId: idOf("nothing") }), "TEMPLATE_MISSING", "email.templateId"],
  ["an SMS template", email({ templateId: idOf("sms") }), "TEMPLATE_WRONG_CHANNEL", "email.templateId"],
  ["a template that is not shared", email({ templateId: idOf("private") }), "TEMPLATE_NOT_SHARED", "email.templateId"],
  ["no assignee", task({ assignee: null }), "ASSIGNEE_MISSING", "task.assignee"],
  ["a group as assignee", task({ assignee: person("GROUP") }), "ASSIGNEE_MODE_NOT_ALLOWED", "task.assignee.mode"],
  [
    "a field that holds no users",
    task({ assignee: person("CUSTOM_FIELD", { customFieldId: idOf("text") }) }),
    "CUSTOM_FIELD_WRONG_TYPE",
    "task.assignee.customFieldId",
  ],
  [
    "a contact's field as assignee",
    task({ assignee: person("CUSTOM_FIELD", { customFieldId: idOf("of contacts") }) }),
    "CUSTOM_FIELD_WRONG_OBJECT",
    "task.assignee.customFieldId",
  ],
  ["an empty description", task({ description: " " }), "DESCRIPTION_MISSING", "task.description"],
  ["a description that is no template", task({ description: "{{ oops" }), "TEMPLATE_INVALID", "task.description"],
  ["a due time out of range", task({ due: { amount: 366, unit: "DAY" } }), "DELAY_OUT_OF_RANGE", "task.due.amount"],
  ["a delay out of range", { ...task(), delay: { amount: 8761, unit: "HOUR" } }, "DELAY_OUT_OF_RANGE", "delay.amount"],
  ["no field to set", { ...update("url"), fields: [] } as Step, "FIELDS_MISSING", "updateLead.fields"],
  ["an unknown field", update("shoeSize", 43), "FIELD_NOT_FOUND", "updateLead.fields.0.field"],
  [
    "an unknown custom field",
    update(`custom.${idOf("nothing")}`, "x"),
    "CUSTOM_FIELD_NOT_FOUND",
    "updateLead.fields.0.field",
  ],
  [
    "a custom field of contacts",
    update(`custom.${idOf("of contacts")}`, "x"),
    "CUSTOM_FIELD_WRONG_OBJECT",
    "updateLead.fields.0.field",
  ],
  ["a text for a number", update(`custom.${idOf("number")}`, "many"), "VALUE_WRONG_TYPE", "updateLead.fields.0.value"],
  [
    "a list for a field of one",
    update(`custom.${idOf("text")}`, ["x"]),
    "VALUE_WRONG_TYPE",
    "updateLead.fields.0.value",
  ],
  ["a lead without a name", update("name", null), "VALUE_MISSING", "updateLead.fields.0.value"],
  ["an unknown lead status", update("status", idOf("nothing")), "LEAD_STATUS_NOT_FOUND", "updateLead.fields.0.value"],
  ["a template that is none", update("url", null, "{% if %}"), "TEMPLATE_INVALID", "updateLead.fields.0.template"],
];
test.each(faulty)("WF-5: %s is named by step and field", (_, step, code, field) => {
  expect(faultsOf(contentOf({ places: placesOf(step) }))).toEqual([[code, idOf("step"), field]]);
});

const schedule = {
  zoneMode: "WORKFLOW",
  timeZone: "Europe/Berlin",
  ranges: [],
  blackoutDates: [],
  blackoutCalendarIds: [],
} as const;
const settings: [string, Partial<WorkflowContent>, string, string][] = [
  ["no steps", { places: [] }, "NO_STEPS", "steps"],
  ["removed steps only", { places: [{ stepId: idOf("r"), step: null }] }, "NO_STEPS", "steps"],
  ["a deactivated owner", { ownerId: idOf("gone") }, "USER_DEACTIVATED", "ownerId"],
  [
    "an empty schedule",
    { schedule: { ...schedule, ranges: [], blackoutDates: [], blackoutCalendarIds: [] } },
    "EMPTY_SCHEDULE",
    "schedule.ranges",
  ],
  [
    "a range whose start is its end",
    {
      schedule: {
        ...schedule,
        ranges: [{ weekday: "MONDAY", start: "09:00", end: "09:00" }],
        blackoutDates: [],
        blackoutCalendarIds: [],
      },
    },
    "EMPTY_RANGE",
    "schedule.ranges.0.start",
  ],
  [
    "a condition on an unknown custom field",
    {
      trigger: {
        event: "LEAD_CREATED",
        stalledDays: null,
        conditions: { not: { test: { path: `lead.custom.${idOf("nothing")}`, op: "IS_EMPTY" } } },
      },
    },
    "UNKNOWN_CUSTOM_FIELD",
    "trigger.conditions.not.test.path",
  ],
];
test.each(settings)("WF-5: %s is named by field", (_, changes, code, field) => {
  expect(faultsOf(contentOf(changes))).toEqual([[code, null, field]]);
});

test("WF-5: all faults are named at once", () => {
  const steps = [
    email({ sender: null, templateId: null }),
    { ...stepNamed("B"), delay: { amount: -1, unit: "DAY" as const } },
  ];
  expect(faultsOf(contentOf({ ownerId: idOf("nobody"), places: placesOf(...steps) }))).toEqual([
    ["USER_NOT_FOUND", null, "ownerId"],
    ["SENDER_MISSING", idOf("step"), "email.sender"],
    ["TEMPLATE_MISSING", idOf("step"), "email.templateId"],
    ["DELAY_OUT_OF_RANGE", idOf("B"), "delay.amount"],
  ]);
});

test("WF-5: everything a workflow names is asked for, once", () => {
  const conditions = {
    any: [
      { test: { path: `event.data.custom.${idOf("a")}`, op: "CHANGED" as const } },
      { test: { path: `contact.custom.${idOf("b")}`, op: "IS_EMPTY" as const } },
    ],
  };
  const places = placesOf(
    email({ sender: person("USER", { userId: idOf("gone") }) }),
    task({ assignee: person("CUSTOM_FIELD", { customFieldId: idOf("users") }) }),
    update(`custom.${idOf("text")}`, "x"),
    update("status", idOf("status")),
    update(`custom.${idOf("text")}`, "y"),
  );
  expect(
    referenceIdsOf(contentOf({ trigger: { event: "LEAD_UPDATED", stalledDays: null, conditions }, places })),
  ).toEqual({
    userIds: [idOf("owner"), idOf("gone")],
    customFieldIds: [idOf("a"), idOf("b"), idOf("users"), idOf("text")],
    leadStatusIds: [idOf("status")],
    templateIds: [idOf("email")],
  });
});
