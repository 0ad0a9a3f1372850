import type { UserError } from "@cadenza/subgraph";
import { expect, test } from "vitest";
import { newStep } from "./apply-edits.ts";
import { readStep, type StepInput } from "./step-input.ts";
import { toStepInput } from "./to-step-input.ts";

const ID = "01KE6P4YM0SABR24PA3EYWNYP2";
const PATH = ["input", "steps", "0"];

function read(input: StepInput) {
  const errors: UserError[] = [];
  const reading = readStep(input, PATH, errors);
  return { errors, step: reading && newStep(ID, reading) };
}
const errorsOf = (input: StepInput) => read(input).errors.map(({ code, path }) => [code, path?.slice(2).join(".")]);

const user = { mode: "USER", userId: "u" } as const;
const groups = { mode: "GROUP", groupIds: ["g", "h"] } as const;
const field = { mode: "CUSTOM_FIELD", customFieldId: "f" } as const;
const fields = [
  { field: "status", value: null },
  { field: "custom.x", value: ["a"] },
  { field: "note", template: "{{ lead.name }}" },
  { field: "description", aiEnrich: true },
];

/** All settings of each kind, none with its default. */
const complete: StepInput[] = [
  {
    email: {
      sender: { ...groups, groupIds: ["g", "h"] },
      templateId: "t",
      sendMode: "DRAFT",
      replyInThread: true,
      ignoreSchedule: true,
    },
  },
  { sms: { sender: field, templateId: "t", sendMode: "DRAFT", ignoreSchedule: true } },
  { call: { assignee: user, note: "n", optionalAfterDays: 3, ignoreSchedule: true } },
  { task: { description: "d", due: { amount: 2, unit: "HOUR" }, assignee: user, optional: true } },
  {
    assignUser: {
      targetFieldId: "f",
      action: "ASSIGN_OVERWRITE",
      userId: null,
      groupIds: ["g"],
      strategy: "ROUND_ROBIN",
    },
  },
  { createOpportunity: { fields } },
  { updateLead: { fields, overwrite: false, addMissingChoices: true } },
  { updateOpportunity: { target: "OLDEST", fields, overwrite: false, addMissingChoices: true } },
];
test.each(complete)("WF-2: what is read of %j is given back as it was set", (settings) => {
  const input = { name: "n", delay: { amount: 5, unit: "DAY" }, ...settings } as const;
  const { step, errors } = read(input);
  expect(errors).toEqual([]);
  expect(toStepInput(step!)).toEqual(input);
});

/** The least that each kind takes, and what it is then. */
const least: [StepInput, object][] = [
  [{ email: {} }, { sender: null, templateId: null, sendMode: "SEND", replyInThread: false, ignoreSchedule: false }],
  [{ sms: {} }, { sender: null, templateId: null, sendMode: "SEND", ignoreSchedule: false }],
  [{ call: {} }, { assignee: null, note: null, optionalAfterDays: null, ignoreSchedule: false }],
  [{ task: { description: "d" } }, { description: "d", due: null, assignee: null, optional: false }],
  [
    { assignUser: { action: "UNASSIGN" } },
    { targetFieldId: null, action: "UNASSIGN", userId: null, groupIds: [], strategy: "RANDOM" },
  ],
  [{ createOpportunity: { fields: [] } }, { fields: [] }],
  [{ updateLead: { fields: [] } }, { fields: [], overwrite: true, addMissingChoices: false }],
  [
    { updateOpportunity: { target: "NEWEST", fields: [] } },
    { target: "NEWEST", fields: [], overwrite: true, addMissingChoices: false },
  ],
];
test.each(least)("WF-2: %j has the defaults of the contract", (input, settings) => {
  const { step } = read(input);
  const [key] = Object.keys(input);
  expect(toStepInput(step!)).toEqual({ name: null, delay: { amount: 0, unit: "MINUTE" }, [key!]: settings });
});

test("WF-6: a rule keeps only what its mode has a use for; groups are named once, in their order", () => {
  const all = { userId: "u", groupIds: ["h", "g", "h"], customFieldId: "f" };
  const senderOf = (mode: "USER" | "GROUP" | "CUSTOM_FIELD" | "CREATOR_OR_ENROLLING_USER") => {
    const { step } = read({ sms: { sender: { mode, ...all } } });
    return step?.kind === "SMS" && step.sender;
  };
  const none = { userId: null, groupIds: [], customFieldId: null };
  expect(senderOf("USER")).toEqual({ mode: "USER", ...none, userId: "u" });
  expect(senderOf("GROUP")).toEqual({ mode: "GROUP", ...none, groupIds: ["h", "g"] });
  expect(senderOf("CUSTOM_FIELD")).toEqual({ mode: "CUSTOM_FIELD", ...none, customFieldId: "f" });
  expect(senderOf("CREATOR_OR_ENROLLING_USER")).toEqual({ mode: "CREATOR_OR_ENROLLING_USER", ...none });
  const { step } = read({ assignUser: { action: "UNASSIGN", userId: "u", groupIds: [] } });
  expect(step).toMatchObject({ userId: null, groupIds: [] });
});

const assignments: [string, object, boolean][] = [
  ["a value", { value: "x" }, true],
  ["an explicit null", { value: null }, true],
  ["a template", { template: "x" }, true],
  ["AI", { aiEnrich: true }, true],
  ["a template beside an explicit null", { value: null, template: "x" }, true],
  ["AI beside an explicit null", { value: null, template: null, aiEnrich: true }, true],
  ["a value without AI", { value: "x", aiEnrich: false }, true],
  ["nothing", {}, false],
  ["only no AI", { aiEnrich: false }, false],
  ["a value and a template", { value: "x", template: "x" }, false],
  ["a value and AI", { value: "x", aiEnrich: true }, false],
  ["a template and AI", { template: "x", aiEnrich: true }, false],
];
test.each(assignments)("API-5: exactly one of value, template, aiEnrich: %s", (_, given, isRight) => {
  const kinds = ["createOpportunity", "updateLead", "updateOpportunity"] as const;
  for (const key of kinds) {
    const input = { [key]: { target: "NEWEST", fields: [{ field: "x", ...given }] } } as StepInput;
    expect(errorsOf(input)).toEqual(isRight ? [] : [["EXACTLY_ONE_OF", `0.${key}.fields.0`]]);
  }
});

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const refused: [string, StepInput, string, string][] = [
  ["no kind", { name: "x" }, "EXACTLY_ONE_OF", "0"],
  ["two kinds", { sms: {}, call: {} }, "EXACTLY_ONE_OF", "0"],
  ["a call skipped after no day", { call: { optionalAfterDays: 0 } }, "OUT_OF_RANGE", "0.call.optionalAfterDays"],
  ["a call skipped after 366 days", { call: { optionalAfterDays: 366 } }, "OUT_OF_RANGE", "0.call.optionalAfterDays"],
  ["a delay of 366 days", { sms: {}, delay: { amount: 366, unit: "DAY" } }, "DELAY_OUT_OF_RANGE", "0.delay.amount"],
  ["a negative delay", { sms: {}, delay: { amount: -1, unit: "DAY" } }, "DELAY_OUT_OF_RANGE", "0.delay.amount"],
  [
    "a due time of 366 days",
    { task: { description: "x", due: { amount: 8784, unit: "HOUR" } } },
    "DELAY_OUT_OF_RANGE",
    "0.task.due.amount",
  ],
  [
    "a user and groups to assign",
    { assignUser: { action: "ASSIGN_IF_EMPTY", userId: "u", groupIds: ["g"] } },
    "EXACTLY_ONE_OF",
    "0.assignUser",
  ],
  [
    "too many groups",
    { call: { assignee: { mode: "GROUP", groupIds: many(101, String) } } },
    "TOO_MANY",
    "0.call.assignee.groupIds",
  ],
  [
    "too many fields",
    { createOpportunity: { fields: many(51, (index) => ({ field: `f${index}`, value: 1 })) } },
    "TOO_MANY",
    "0.createOpportunity.fields",
  ],
  [
    "a field set twice",
    { updateOpportunity: { target: "NEWEST", fields: many(2, (index) => ({ field: "note", value: index })) } },
    "DUPLICATE",
    "0.updateOpportunity.fields.1.field",
  ],
  [
    "a field set twice under its two names",
    {
      createOpportunity: {
        fields: [
          { field: "status", value: 1 },
          { field: "statusId", value: 1 },
        ],
      },
    },
    "DUPLICATE",
    "0.createOpportunity.fields.1.field",
  ],
];
test.each(refused)("API-5: %s is refused at once, with its path", (_, input, code, path) => {
  expect(errorsOf(input)).toEqual([[code, path]]);
  expect(read(input).step).toBeNull();
});

const malformed: [string, StepInput, string][] = [
  ["a note too long", { call: { note: "x".repeat(10_001) } }, "call.note"],
  [
    "a group's id too long",
    { sms: { sender: { mode: "GROUP", groupIds: ["g", "x".repeat(101)] } } },
    "sms.sender.groupIds.1",
  ],
  ["a blank group", { assignUser: { action: "ASSIGN_IF_EMPTY", groupIds: [" "] } }, "assignUser.groupIds.0"],
  [
    "NUL in a template",
    { updateLead: { fields: [{ field: "x", template: "\u0000" }] } },
    "updateLead.fields.0.template",
  ],
];
test.each(malformed)("API-5: %s is malformed", (_, input, path) => {
  const at = [...PATH, ...path.split(".")];
  expect(() => read(input)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT", inputPath: at }));
});
