import type { PersonRule, Step } from "@cadenza/contracts";

type Values = Record<string, unknown>;

/** A step in the shape of the input that sets it: `{ name, delay, email: { … } }`. */
export function toStepInput(step: Step): Values {
  return { name: step.name, delay: step.delay, [settingsName(step.kind)]: settingsOf(step) };
}

/** The key of `StepInput` that holds a kind's settings. */
function settingsName(kind: Step["kind"]): string {
  switch (kind) {
    case "EMAIL":
      return "email";
    case "TASK":
      return "task";
    case "UPDATE_LEAD":
      return "updateLead";
  }
}

function settingsOf(step: Step): Values {
  switch (step.kind) {
    case "EMAIL": {
      const { sender, templateId, sendMode, ignoreSchedule } = step;
      return { sender: personInput(sender), templateId, sendMode, ignoreSchedule };
    }
    case "TASK": {
      const { description, due, assignee, optional } = step;
      return { description, due, assignee: personInput(assignee), optional };
    }
    case "UPDATE_LEAD": {
      const { overwrite, addMissingChoices } = step;
      const fields = step.fields.map(({ field, value, template }) => ({
        field,
        ...(template === null ? { value: value ?? null } : { template }),
      }));
      return { fields, overwrite, addMissingChoices };
    }
  }
}

function personInput(rule: PersonRule | null): Values | null {
  if (!rule) return null;
  const { mode, userId, customFieldId } = rule;
  return { mode, ...(userId ? { userId } : {}), ...(customFieldId ? { customFieldId } : {}) };
}
