import type { FieldAssignment, PersonRule, Step } from "@cadenza/contracts";
import { STEP_KEYS } from "./step-settings.ts";

type Values = Record<string, unknown>;

/** A step in the shape of the input that sets it: `{ name, delay, email: { … } }`. */
export function toStepInput(step: Step): Values {
  return { name: step.name, delay: step.delay, [STEP_KEYS[step.kind]]: settingsOf(step) };
}

function settingsOf(step: Step): Values {
  switch (step.kind) {
    case "EMAIL": {
      const { sender, templateId, sendMode, replyInThread, ignoreSchedule } = step;
      return { sender: personInput(sender), templateId, sendMode, replyInThread, ignoreSchedule };
    }
    case "SMS": {
      const { sender, templateId, sendMode, ignoreSchedule } = step;
      return { sender: personInput(sender), templateId, sendMode, ignoreSchedule };
    }
    case "CALL": {
      const { assignee, note, optionalAfterDays, ignoreSchedule } = step;
      return { assignee: personInput(assignee), note, optionalAfterDays, ignoreSchedule };
    }
    case "TASK": {
      const { description, due, assignee, optional } = step;
      return { description, due, assignee: personInput(assignee), optional };
    }
    case "ASSIGN_USER": {
      const { targetFieldId, action, userId, groupIds, strategy } = step;
      return { targetFieldId, action, userId, groupIds, strategy };
    }
    case "CREATE_OPPORTUNITY":
      return { fields: fieldInputs(step.fields) };
    case "UPDATE_LEAD": {
      const { fields, overwrite, addMissingChoices } = step;
      return { fields: fieldInputs(fields), overwrite, addMissingChoices };
    }
    case "UPDATE_OPPORTUNITY": {
      const { target, fields, overwrite, addMissingChoices } = step;
      return { target, fields: fieldInputs(fields), overwrite, addMissingChoices };
    }
  }
}

function fieldInputs(fields: readonly FieldAssignment[]): Values[] {
  return fields.map(({ field, value, template, aiEnrich }) => {
    if (aiEnrich) return { field, aiEnrich };
    return template === null ? { field, value: value ?? null } : { field, template };
  });
}

function personInput(rule: PersonRule | null): Values | null {
  if (!rule) return null;
  const { mode, userId, groupIds, customFieldId } = rule;
  return {
    mode,
    ...(userId ? { userId } : {}),
    ...(groupIds.length > 0 ? { groupIds } : {}),
    ...(customFieldId ? { customFieldId } : {}),
  };
}
