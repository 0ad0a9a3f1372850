import type { Step } from "@cadenza/contracts";
import { expect, test } from "vitest";
import { contentOf, idOf, placesOf } from "../../test/builders.ts";
import {
  assignUser,
  call,
  createOpportunity,
  email,
  faultsIn,
  fieldNamed,
  groupsNamed,
  person,
  problemsIn,
  sms,
  task,
  updateLead,
  updateOpportunity,
  userNamed,
} from "../../test/validation-builders.ts";

/** WF-6, row by row: what each kind's person may be, besides the creator or enrolling user and a specific user. */
const modes: [string, string, (rule: object) => Step, Record<"group" | "lead" | "contact" | "opportunity", boolean>][] =
  [
    [
      "Email sender",
      "email.sender",
      (sender) => email({ sender }),
      { group: true, lead: true, contact: true, opportunity: true },
    ],
    [
      "SMS sender",
      "sms.sender",
      (sender) => sms({ sender }),
      { group: true, lead: true, contact: false, opportunity: false },
    ],
    [
      "Call assignee",
      "call.assignee",
      (assignee) => call({ assignee }),
      { group: true, lead: true, contact: true, opportunity: true },
    ],
    [
      "Task assignee",
      "task.assignee",
      (assignee) => task({ assignee }),
      { group: false, lead: true, contact: false, opportunity: false },
    ],
  ];
test.each(modes)("WF-6: %s: the modes that it allows, and no others", (_, field, step, allowed) => {
  const role = field.endsWith("sender") ? "SENDER" : "ASSIGNEE";
  const wrongObject = [["CUSTOM_FIELD_WRONG_OBJECT", `${field}.customFieldId`]];
  expect(faultsIn(step(person("CREATOR_OR_ENROLLING_USER")))).toEqual([]);
  expect(faultsIn(step(userNamed("owner")))).toEqual([]);
  expect(faultsIn(step(groupsNamed("sales")))).toEqual(
    allowed.group ? [] : [[`${role}_MODE_NOT_ALLOWED`, `${field}.mode`]],
  );
  expect(faultsIn(step(fieldNamed("users")))).toEqual(allowed.lead ? [] : wrongObject);
  expect(faultsIn(step(fieldNamed("users of contacts")))).toEqual(allowed.contact ? [] : wrongObject);
  expect(faultsIn(step(fieldNamed("users of opportunities")))).toEqual(allowed.opportunity ? [] : wrongObject);
});
test.each(modes)("WF-5: %s: whoever does not exist is named by field", (_, field, step, { group }) => {
  const role = field.endsWith("sender") ? "SENDER" : "ASSIGNEE";
  expect(faultsIn(step(null as never))).toEqual([[`${role}_MISSING`, field]]);
  expect(faultsIn(step(person("USER")))).toEqual([["USER_NOT_FOUND", `${field}.userId`]]);
  expect(faultsIn(step(userNamed("nobody")))).toEqual([["USER_NOT_FOUND", `${field}.userId`]]);
  expect(faultsIn(step(userNamed("gone")))).toEqual([["USER_DEACTIVATED", `${field}.userId`]]);
  const at = `${field}.customFieldId`;
  expect(faultsIn(step(person("CUSTOM_FIELD")))).toEqual([["CUSTOM_FIELD_NOT_FOUND", at]]);
  expect(faultsIn(step(fieldNamed("nothing")))).toEqual([["CUSTOM_FIELD_NOT_FOUND", at]]);
  expect(faultsIn(step(fieldNamed("text")))).toEqual([["CUSTOM_FIELD_WRONG_TYPE", at]]);
  if (!group) return;
  const groups = `${field}.groupIds`;
  expect(faultsIn(step(groupsNamed()))).toEqual([["GROUP_MISSING", groups]]);
  expect(faultsIn(step(groupsNamed("nothing")))).toEqual([["GROUP_NOT_FOUND", groups]]);
  expect(faultsIn(step(groupsNamed("sales", "empty")))).toEqual([["GROUP_EMPTY", groups]]);
});

const good: [string, Step][] = [
  ["a task due in 365 days", task({ due: { amount: 365, unit: "DAY" } })],
  ["the longest delay", { ...task(), delay: { amount: 525_600, unit: "MINUTE" } }],
  ["a call that is skipped after a year", call({ optionalAfterDays: 365 })],
  ["an assignment to a user", assignUser()],
  [
    "an assignment to several users' field from groups",
    assignUser({ targetFieldId: idOf("users"), userId: null, groupIds: [idOf("sales")] }),
  ],
  ["a clearing that names nobody", assignUser({ action: "UNASSIGN", userId: null })],
];
test.each(good)("WF-5: %s has no fault", (_, step) => {
  expect(faultsIn(step)).toEqual([]);
});

const faulty: [string, Step, string, string][] = [
  ["no template", email({ templateId: null }), "TEMPLATE_MISSING", "email.templateId"],
  ["an unknown template", email({ templateId: idOf("nothing") }), "TEMPLATE_MISSING", "email.templateId"],
  ["an SMS template for email", email({ templateId: idOf("sms") }), "TEMPLATE_WRONG_CHANNEL", "email.templateId"],
  ["a template that is not shared", email({ templateId: idOf("private") }), "TEMPLATE_NOT_SHARED", "email.templateId"],
  ["no SMS template", sms({ templateId: null }), "TEMPLATE_MISSING", "sms.templateId"],
  ["an unknown SMS template", sms({ templateId: idOf("nothing") }), "TEMPLATE_MISSING", "sms.templateId"],
  ["an email template for SMS", sms({ templateId: idOf("email") }), "TEMPLATE_WRONG_CHANNEL", "sms.templateId"],
  [
    "an SMS template that is not shared",
    sms({ templateId: idOf("private sms") }),
    "TEMPLATE_NOT_SHARED",
    "sms.templateId",
  ],
  ["an empty description", task({ description: " " }), "DESCRIPTION_MISSING", "task.description"],
  ["a description that is no template", task({ description: "{{ oops" }), "TEMPLATE_INVALID", "task.description"],
  ["a due time out of range", task({ due: { amount: 366, unit: "DAY" } }), "DELAY_OUT_OF_RANGE", "task.due.amount"],
  ["a delay out of range", { ...sms(), delay: { amount: 8761, unit: "HOUR" } }, "DELAY_OUT_OF_RANGE", "delay.amount"],
  ["a call skipped after no day", call({ optionalAfterDays: 0 }), "OUT_OF_RANGE", "call.optionalAfterDays"],
  ["a call skipped after 366 days", call({ optionalAfterDays: 366 }), "OUT_OF_RANGE", "call.optionalAfterDays"],
  ["no target to assign to", assignUser({ targetFieldId: null }), "TARGET_MISSING", "assignUser.targetFieldId"],
  [
    "an unknown target",
    assignUser({ targetFieldId: idOf("nothing") }),
    "CUSTOM_FIELD_NOT_FOUND",
    "assignUser.targetFieldId",
  ],
  [
    "a target that holds no users",
    assignUser({ targetFieldId: idOf("text") }),
    "CUSTOM_FIELD_WRONG_TYPE",
    "assignUser.targetFieldId",
  ],
  [
    "a target of contacts",
    assignUser({ targetFieldId: idOf("users of contacts") }),
    "CUSTOM_FIELD_WRONG_OBJECT",
    "assignUser.targetFieldId",
  ],
  [
    "a target to clear that is of contacts",
    assignUser({ action: "UNASSIGN", targetFieldId: idOf("users of contacts") }),
    "CUSTOM_FIELD_WRONG_OBJECT",
    "assignUser.targetFieldId",
  ],
  ["nobody to assign", assignUser({ userId: null }), "ASSIGNEE_MISSING", "assignUser.userId"],
  [
    "a user and groups to assign",
    assignUser({ groupIds: [idOf("sales")] }),
    "ASSIGNEE_AMBIGUOUS",
    "assignUser.groupIds",
  ],
  ["a deactivated user to assign", assignUser({ userId: idOf("gone") }), "USER_DEACTIVATED", "assignUser.userId"],
  [
    "an unknown group to assign from",
    assignUser({ userId: null, groupIds: [idOf("nothing")] }),
    "GROUP_NOT_FOUND",
    "assignUser.groupIds",
  ],
  [
    "an empty group to assign from",
    assignUser({ userId: null, groupIds: [idOf("empty")] }),
    "GROUP_EMPTY",
    "assignUser.groupIds",
  ],
];
test.each(faulty)("WF-5: %s is named by field", (_, step, code, field) => {
  expect(faultsIn(step)).toEqual([[code, field]]);
});

test("OPP-2: the triggering opportunity is a target with an opportunity trigger only", () => {
  const step = { ...updateOpportunity({ field: "note", value: "x" }), target: "TRIGGERING" } as Step;
  const trigger = { conditions: null, stalledDays: null };
  const wrong = [["TARGET_NOT_ALLOWED", "updateOpportunity.target"]];
  expect(faultsIn(step)).toEqual(wrong);
  expect(faultsIn(step, { trigger: { ...trigger, event: "LEAD_CREATED" } })).toEqual(wrong);
  expect(faultsIn(step, { trigger: { ...trigger, event: "OPPORTUNITY_UPDATED" } })).toEqual([]);
  expect(faultsIn(step, { trigger: { ...trigger, event: "OPPORTUNITY_STALLED", stalledDays: 3 } })).toEqual([]);
});

test("WF-5: a kind that this version cannot carry out is named beside its other faults", () => {
  const kinds = {
    sms,
    call,
    assignUser,
    createOpportunity,
    updateOpportunity: () => updateOpportunity({ field: "note" }),
  };
  for (const [key, step] of Object.entries(kinds)) {
    expect(problemsIn(contentOf({ places: placesOf(step()) }))).toEqual([["KIND_NOT_AVAILABLE", idOf("step"), key]]);
  }
  expect(problemsIn(contentOf({ places: placesOf(sms({ templateId: null })) }))).toEqual([
    ["KIND_NOT_AVAILABLE", idOf("step"), "sms"],
    ["TEMPLATE_MISSING", idOf("step"), "sms.templateId"],
  ]);
  for (const step of [email(), task(), updateLead({ field: "url" })]) {
    expect(problemsIn(contentOf({ places: placesOf(step) }))).toEqual([]);
  }
});

const unavailable: [Step, string][] = [
  [email({ sendMode: "DRAFT" }), "email.sendMode"],
  [email({ replyInThread: true }), "email.replyInThread"],
  [email({ sender: groupsNamed("sales") }), "email.sender.mode"],
  [email({ sender: fieldNamed("users of contacts") }), "email.sender.mode"],
  [updateLead({ field: "name", value: "x" }, { field: "description", aiEnrich: true }), "updateLead.fields.1.aiEnrich"],
];
test.each(unavailable)("WF-5: of %j what this version cannot carry out is named", (step, field) => {
  expect(problemsIn(contentOf({ places: placesOf(step) }))).toEqual([["SETTING_NOT_AVAILABLE", idOf("step"), field]]);
});
