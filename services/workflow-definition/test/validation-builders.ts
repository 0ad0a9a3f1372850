import type { CustomFieldView, FieldAssignment, PersonRule, Step } from "@cadenza/contracts";
import { problemsOf } from "../src/validation/problems-of.ts";
import type { References } from "../src/validation/references.ts";
import type { WorkflowContent } from "../src/workflows/model.ts";
import { contentOf, idOf, placesOf } from "./builders.ts";

const customField = (name: string, changes: Partial<CustomFieldView> = {}): CustomFieldView => {
  return { id: idOf(name), object: "LEAD", name, type: "TEXT", multiple: false, choices: [], ...changes };
};
const fields = [
  customField("text"),
  customField("number", { type: "NUMBER" }),
  customField("date", { type: "DATE" }),
  customField("instant", { type: "DATETIME" }),
  customField("url", { type: "URL" }),
  customField("choices", { type: "CHOICE", multiple: true, choices: ["a"] }),
  customField("user", { type: "USER" }),
  customField("users", { type: "USER", multiple: true }),
  customField("of contacts", { object: "CONTACT" }),
  customField("users of contacts", { object: "CONTACT", type: "USER" }),
  customField("users of opportunities", { object: "OPPORTUNITY", type: "USER" }),
  customField("size of opportunities", { object: "OPPORTUNITY", type: "NUMBER" }),
];

/** An organization in which something of every kind exists, by `idOf` of its name. */
export const references: References = {
  organizationTimeZone: "Europe/Berlin",
  users: new Map([
    [idOf("owner"), "ACTIVE"],
    [idOf("gone"), "DEACTIVATED"],
  ]),
  groups: new Map([
    [idOf("sales"), 3],
    [idOf("empty"), 0],
  ]),
  customFields: new Map(fields.map((field) => [field.id, field])),
  leadStatusIds: new Set([idOf("lead status")]),
  opportunityStatusIds: new Set([idOf("opportunity status")]),
  templates: new Map([
    [idOf("email"), { id: idOf("email"), channel: "EMAIL", shared: true }],
    [idOf("sms"), { id: idOf("sms"), channel: "SMS", shared: true }],
    [idOf("private"), { id: idOf("private"), channel: "EMAIL", shared: false }],
    [idOf("private sms"), { id: idOf("private sms"), channel: "SMS", shared: false }],
  ]),
};

const base = { id: idOf("step"), name: null, delay: { amount: 0, unit: "MINUTE" } as const };

export const person = (mode: PersonRule["mode"], given: Partial<PersonRule> = {}): PersonRule => {
  return { mode, userId: null, groupIds: [], customFieldId: null, ...given };
};
export const userNamed = (name: string): PersonRule => person("USER", { userId: idOf(name) });
export const groupsNamed = (...names: string[]): PersonRule => person("GROUP", { groupIds: names.map(idOf) });
export const fieldNamed = (name: string): PersonRule => person("CUSTOM_FIELD", { customFieldId: idOf(name) });
const creator = person("CREATOR_OR_ENROLLING_USER");
const message = { sender: creator, sendMode: "SEND", ignoreSchedule: false } as const;

/** Steps without a fault but for `changes`; their id is `idOf("step")`. */
export const email = (changes: object = {}): Step => {
  return { ...base, kind: "EMAIL", ...message, templateId: idOf("email"), replyInThread: false, ...changes };
};
export const sms = (changes: object = {}): Step => {
  return { ...base, kind: "SMS", ...message, templateId: idOf("sms"), ...changes };
};
export const call = (changes: object = {}): Step => {
  const settings = { assignee: creator, note: null, ignoreSchedule: false, optionalAfterDays: null };
  return { ...base, kind: "CALL", ...settings, ...changes };
};
export const task = (changes: object = {}): Step => {
  return { ...base, kind: "TASK", description: "Call", due: null, assignee: creator, optional: false, ...changes };
};
export const assignUser = (changes: object = {}): Step => {
  const who = { userId: idOf("owner"), groupIds: [] };
  return {
    ...base,
    kind: "ASSIGN_USER",
    targetFieldId: idOf("user"),
    action: "ASSIGN_IF_EMPTY",
    ...who,
    strategy: "RANDOM",
    ...changes,
  };
};

export type Assignment = Partial<FieldAssignment> & { field: string };
const filled = (fields: readonly Assignment[]) => fields.map((given) => ({ value: null, template: null, ...given }));
const writing = { overwrite: true, addMissingChoices: false };
export const updateLead = (...fields: Assignment[]): Step => {
  return { ...base, kind: "UPDATE_LEAD", fields: filled(fields), ...writing };
};
export const createOpportunity = (...fields: Assignment[]): Step => {
  return { ...base, kind: "CREATE_OPPORTUNITY", fields: filled(fields) };
};
export const updateOpportunity = (...fields: Assignment[]): Step => {
  return { ...base, kind: "UPDATE_OPPORTUNITY", target: "NEWEST", fields: filled(fields), ...writing };
};

/** Code, step and field of every problem. */
export const problemsIn = (content: WorkflowContent) =>
  problemsOf(content, references).map(({ code, stepId, field }) => [code, stepId, field]);

/** Code and field of a single step's faults, but for what this version cannot carry out yet. */
export const faultsIn = (step: Step, changes: Partial<WorkflowContent> = {}) =>
  problemsIn(contentOf({ places: placesOf(step), ...changes }))
    .filter(([code]) => code !== "KIND_NOT_AVAILABLE" && code !== "SETTING_NOT_AVAILABLE")
    .map(([code, stepId, field]) => {
      if (stepId !== idOf("step")) throw new Error(`${code} is not the step's`);
      return [code, field];
    });
