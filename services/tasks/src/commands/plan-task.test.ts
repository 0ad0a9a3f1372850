import type { CreateTaskCommand, SubjectView } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { expect, test } from "vitest";
import { contactView, createTaskCommand, leadView, organizationView, userView } from "../../test/views.ts";
import { planTask } from "./plan-task.ts";

const at = new Date("2026-03-28T09:00:00.000Z");
const [owner, other, gone] = ["Ada", "Bob", "Gone"].map((name) => userView(newId(at), name));
const users = new Map([owner!, other!, { ...gone!, status: "DEACTIVATED" as const }].map((user) => [user.id, user]));
const lead = { ...leadView(newId(at), at), custom: { team: [gone!.id, other!.id], nobody: null, left: [gone!.id] } };
const contact = contactView(newId(at), lead.id, at);
const subject: SubjectView = { lead, contact, opportunity: null, users: [] };

function plan(changes: Partial<CreateTaskCommand>, facts: Partial<SubjectView> = {}) {
  const command = createTaskCommand({ leadId: lead.id, contactId: contact.id, userId: owner!.id, at }, changes);
  return planTask(command, {
    organization: organizationView(newId(at)),
    subject: { ...subject, ...facts },
    users,
    now: at,
  });
}
const rule = (mode: CreateTaskCommand["assignee"]["mode"], given: Partial<CreateTaskCommand["assignee"]> = {}) => ({
  assignee: { mode, userId: null, groupIds: [], customFieldId: null, ...given },
});

const assignees: [string, Partial<CreateTaskCommand>, string[]][] = [
  ["WF-7: the creator or enrolling user", rule("CREATOR_OR_ENROLLING_USER"), [owner!.id]],
  ["WF-6: a certain user", rule("USER", { userId: other!.id }), [other!.id]],
  ["WF-6: the active users of a lead's field", rule("CUSTOM_FIELD", { customFieldId: "team" }), [other!.id]],
];
test.each(assignees)("%s is assigned", (_, command, expected) => {
  expect(plan(command).task?.assigneeIds).toEqual(expected);
});

const unresolved: [string, Partial<CreateTaskCommand>, string][] = [
  ["an unknown user", rule("USER", { userId: newId(at) }), "ASSIGNEE_UNRESOLVED"],
  ["a deactivated user", rule("USER", { userId: gone!.id }), "USER_DEACTIVATED"],
  ["an empty field", rule("CUSTOM_FIELD", { customFieldId: "nobody" }), "ASSIGNEE_UNRESOLVED"],
  ["a field of deactivated users", rule("CUSTOM_FIELD", { customFieldId: "left" }), "USER_DEACTIVATED"],
  ["a group", rule("GROUP"), "ASSIGNEE_UNRESOLVED"],
];
test.each(unresolved)("TASK-3: %s is an ERROR", (_, command, code) => {
  expect(plan(command)).toMatchObject({ task: null, result: { outcome: "ERROR", reason: { code }, taskId: null } });
});

const dues: [CreateTaskCommand["due"], string][] = [
  [null, "2026-03-28T09:00:00.000Z"],
  [{ amount: 90, unit: "MINUTE" }, "2026-03-28T10:30:00.000Z"],
  [{ amount: 24, unit: "HOUR" }, "2026-03-29T09:00:00.000Z"],
  // The clocks go forward in between: the local time stays.
  [{ amount: 1, unit: "DAY" }, "2026-03-29T08:00:00.000Z"],
];
test.each(dues)("TASK-1, SCH-5: due %j is at %s", (due, expected) => {
  expect(plan({ due }).task?.dueAt.toISOString()).toBe(expected);
});

test("TASK-2: a required task is awaited, an optional one is done as soon as it exists", () => {
  expect(plan({})).toMatchObject({
    task: { isAwaited: true, description: "Call Grace of Acme" },
    result: { outcome: "WAITING" },
  });
  const { task, result } = plan({ optional: true });
  expect(task?.isAwaited).toBe(false);
  expect(result).toMatchObject({ outcome: "DONE", taskId: task?._id });
});

test("EML-1: a missing variable is an ERROR that names it, unless it has a default", () => {
  const { result } = plan({ description: "To {{ contact.title }}" });
  expect(result).toMatchObject({ outcome: "ERROR", reason: { code: "TEMPLATE_VARIABLE_MISSING" } });
  expect(result.reason?.message).toContain("contact.title");
  expect(plan({ description: "To {{ contact.title | default: 'you' }}" }).task?.description).toBe("To you");
});

test("RUN-9: a step whose lead or contact is gone is SKIPPED", () => {
  for (const facts of [{ lead: null }, { contact: null }]) {
    expect(plan({}, facts)).toMatchObject({
      task: null,
      result: { outcome: "SKIPPED", reason: { code: "SUBJECT_DELETED" } },
    });
  }
});
