import type { Condition } from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import { visibleSteps } from "../steps/places.ts";
import { testsOf } from "../validation/tests-of.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import type {
  AssignmentDocument,
  ConditionDocument,
  PersonDocument,
  StepDocument,
  WorkflowDocument,
} from "./document.ts";
import { addressIn, type Channel } from "./name-book.ts";

/** What must be looked up for one workflow: by id to write its document, by name to read it. */
export type Wanted = {
  users: { ids: string[]; emails: string[]; names: string[] };
  groups: { ids: string[]; names: string[] };
  templates: { ids: string[]; names: { channel: Channel; name: string }[] };
};

type Text = string | null | undefined;

/** The ids in a content. Any value with the form of an id may be a user's. */
export function wantedOf(content: WorkflowContent): Wanted {
  const steps = visibleSteps(content.places);
  const people = steps.flatMap((step) => {
    if (step.kind === "ASSIGN_USER") return [{ userId: step.userId, groupIds: step.groupIds }];
    const rule = "sender" in step ? step.sender : "assignee" in step ? step.assignee : null;
    return rule ? [rule] : [];
  });
  const values = [
    ...testsOf((content.trigger?.conditions ?? null) as Condition | null).map(({ value }) => value),
    ...steps.flatMap((step) => ("fields" in step ? step.fields.map(({ value }) => value) : [])),
  ];
  const userIds = [content.ownerId, ...people.map(({ userId }) => userId), ...textsIn(values)];
  const templateIds = steps.flatMap((step) => ("templateId" in step ? [step.templateId] : []));
  return {
    users: { ids: idsAmong(userIds), emails: [], names: [] },
    groups: { ids: idsAmong(people.flatMap(({ groupIds }) => groupIds)), names: [] },
    templates: { ids: idsAmong(templateIds), names: [] },
  };
}

/** The names in a document. A value may be a user's name where its path does not say that it is something else. */
export function wantedIn(document: WorkflowDocument): Wanted {
  const steps = document.steps ?? [];
  const people = steps.flatMap(peopleOf);
  const values = [
    ...testsIn(document.trigger?.conditions).map(({ value }) => value),
    ...steps.flatMap(assignmentsOf).map(({ value }) => value),
  ];
  const users = unique([
    document.owner,
    ...people.map(({ user }) => user),
    ...steps.map(({ assignUser }) => assignUser?.user),
    ...textsIn(values),
  ]);
  const addresses = users.map(addressIn);
  const groups = [...people, ...steps.map(({ assignUser }) => assignUser)].flatMap((each) => each?.groups ?? []);
  return {
    users: {
      ids: [],
      emails: unique(addresses),
      names: users.filter((_, index) => addresses[index] === null),
    },
    groups: { ids: [], names: unique(groups) },
    templates: {
      ids: [],
      names: [
        ...unique(steps.map(({ email }) => email?.template)).map((name) => ({ channel: "EMAIL" as const, name })),
        ...unique(steps.map(({ sms }) => sms?.template)).map((name) => ({ channel: "SMS" as const, name })),
      ],
    },
  };
}

function peopleOf({ email, sms, call, task }: StepDocument): PersonDocument[] {
  return [email?.sender, sms?.sender, call?.assignee, task?.assignee].flatMap((person) => person ?? []);
}

function assignmentsOf({ createOpportunity, updateLead, updateOpportunity }: StepDocument): AssignmentDocument[] {
  return [createOpportunity, updateLead, updateOpportunity].flatMap((settings) => settings?.fields ?? []);
}

function testsIn(condition: ConditionDocument | null | undefined): NonNullable<ConditionDocument["test"]>[] {
  if (!condition) return [];
  const { all, any, not, test } = condition;
  return [...(test ? [test] : []), ...[...(all ?? []), ...(any ?? []), ...(not ? [not] : [])].flatMap(testsIn)];
}

function textsIn(values: readonly unknown[]): string[] {
  return values.flat().flatMap((value) => (typeof value === "string" ? [value] : []));
}

function unique(texts: readonly Text[]): string[] {
  return [...new Set(texts.flatMap((text) => text ?? []))];
}

function idsAmong(texts: readonly Text[]): string[] {
  return unique(texts).filter(isId);
}
