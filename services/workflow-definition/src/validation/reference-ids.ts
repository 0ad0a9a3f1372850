import type { FieldAssignment, PersonRule, Step } from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import { visibleSteps } from "../steps/places.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { customFieldIdOf } from "./custom-field-id.ts";
import { testsOf } from "./tests-of.ts";

/** What a workflow names and other services own. */
export type ReferenceIds = {
  userIds: string[];
  groupIds: string[];
  customFieldIds: string[];
  leadStatusIds: string[];
  templateIds: string[];
};

/** Everything that a workflow names, each once. What has not the form of an id is left out: it does not exist. */
export function referenceIdsOf({ ownerId, trigger, goals, places }: WorkflowContent): ReferenceIds {
  const named = new Named();
  named.add("userIds", ownerId);
  for (const { path } of testsOf(trigger?.conditions ?? null)) named.add("customFieldIds", customFieldIdOf(path));
  named.add("leadStatusIds", ...goals.leadStatusIds);
  for (const step of visibleSteps(places)) addStep(step, named);
  return named.ids();
}

class Named {
  readonly #sets: Record<keyof ReferenceIds, Set<string>> = {
    userIds: new Set(),
    groupIds: new Set(),
    customFieldIds: new Set(),
    leadStatusIds: new Set(),
    templateIds: new Set(),
  };

  add(what: keyof ReferenceIds, ...ids: unknown[]): void {
    for (const id of ids) if (isId(id)) this.#sets[what].add(id);
  }

  ids(): ReferenceIds {
    const { userIds, groupIds, customFieldIds, leadStatusIds, templateIds } = this.#sets;
    return {
      userIds: [...userIds],
      groupIds: [...groupIds],
      customFieldIds: [...customFieldIds],
      leadStatusIds: [...leadStatusIds],
      templateIds: [...templateIds],
    };
  }
}

function addStep(step: Step, named: Named): void {
  switch (step.kind) {
    case "EMAIL":
    case "SMS":
      named.add("templateIds", step.templateId);
      return addPerson(step.sender, named);
    case "CALL":
    case "TASK":
      return addPerson(step.assignee, named);
    case "ASSIGN_USER":
      named.add("customFieldIds", step.targetFieldId);
      named.add("userIds", step.userId);
      return named.add("groupIds", ...step.groupIds);
    case "CREATE_OPPORTUNITY":
    case "UPDATE_LEAD":
    case "UPDATE_OPPORTUNITY":
      for (const assignment of step.fields) addAssignment(assignment, named);
  }
}

function addPerson(person: PersonRule | null, named: Named): void {
  if (!person) return;
  named.add("userIds", person.userId);
  named.add("groupIds", ...person.groupIds);
  named.add("customFieldIds", person.customFieldId);
}

/** What a static value names depends on its field's type, which is not known yet: an id may be a user's. */
function addAssignment({ field, value }: FieldAssignment, named: Named): void {
  named.add("customFieldIds", customFieldIdOf(`lead.${field}`));
  named.add("userIds", ...(Array.isArray(value) ? value : [value]));
  if (field === "status" || field === "statusId") named.add("leadStatusIds", value);
}
