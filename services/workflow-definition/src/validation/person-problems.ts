import type { CustomFieldView, PersonRule } from "@cadenza/contracts";
import { reportCustomField } from "./custom-field-problems.ts";
import { reportGroups } from "./group-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";
import { reportUser } from "./user-problems.ts";

type CrmObject = CustomFieldView["object"];

/** Who a kind of step lets send or be assigned (WF-6). Creator or enrolling user and a specific user are for every kind. */
export type PersonKind = {
  role: "sender" | "assignee";
  /** As in "the sender of an email". */
  of: string;
  groups: boolean;
  /** Whose user custom fields may name the person. */
  customFieldsOf: readonly CrmObject[];
};

const ANY_OBJECT: readonly CrmObject[] = ["LEAD", "CONTACT", "OPPORTUNITY"];

export const EMAIL_SENDER: PersonKind = { role: "sender", of: "an email", groups: true, customFieldsOf: ANY_OBJECT };
export const SMS_SENDER: PersonKind = { role: "sender", of: "an SMS", groups: true, customFieldsOf: ["LEAD"] };
export const CALL_ASSIGNEE: PersonKind = { role: "assignee", of: "a call", groups: true, customFieldsOf: ANY_OBJECT };
export const TASK_ASSIGNEE: PersonKind = { role: "assignee", of: "a task", groups: false, customFieldsOf: ["LEAD"] };

/** @param field the path to the rule: `email.sender`. */
export function reportPerson(
  person: PersonRule | null,
  kind: PersonKind,
  field: string,
  references: References,
  report: Report,
): void {
  const { role, of } = kind;
  const code = role.toUpperCase();
  if (!person) return report(`${code}_MISSING`, field, `The step has no ${role}; choose who is to be the ${role}.`);
  switch (person.mode) {
    case "CREATOR_OR_ENROLLING_USER":
      return;
    case "USER":
      return reportUser(person.userId ?? "", `${field}.userId`, references, report);
    case "GROUP":
      if (kind.groups) return reportGroups(person.groupIds, `${field}.groupIds`, references, report);
      return report(`${code}_MODE_NOT_ALLOWED`, `${field}.mode`, `A group cannot be the ${role} of ${of}.`);
    case "CUSTOM_FIELD":
      return reportUserField(person.customFieldId, kind.customFieldsOf, `${field}.customFieldId`, references, report);
  }
}

/** A custom field that holds users. */
export function reportUserField(
  id: string | null,
  objects: readonly CrmObject[],
  field: string,
  references: References,
  report: Report,
): void {
  const customField = reportCustomField(id ?? "", objects, field, references, report);
  if (customField && customField.type !== "USER") {
    report("CUSTOM_FIELD_WRONG_TYPE", field, `The field "${customField.name}" holds no users.`);
  }
}
