import { AVAILABLE_KINDS, type Step } from "@cadenza/contracts";
import { STEP_KEYS } from "../steps/step-settings.ts";
import type { Report } from "./problem.ts";

/** What can be defined, and cannot be carried out by this version. A draft may have it. */
export function reportAvailability(step: Step, report: Report): void {
  const key = STEP_KEYS[step.kind];
  if (!AVAILABLE_KINDS.has(step.kind)) {
    return report("KIND_NOT_AVAILABLE", key, `This version cannot carry out steps of kind ${step.kind} yet.`);
  }
  for (const { field, what } of unavailableSettings(step)) {
    report("SETTING_NOT_AVAILABLE", `${key}.${field}`, `This version cannot ${what} yet.`);
  }
}

function unavailableSettings(step: Step): { field: string; what: string }[] {
  switch (step.kind) {
    case "EMAIL": {
      const mode = step.sender?.mode;
      return [
        ...(mode === "GROUP" ? [{ field: "sender.mode", what: "send emails for a group" }] : []),
        ...(mode === "CUSTOM_FIELD" ? [{ field: "sender.mode", what: "send emails for the user of a field" }] : []),
        ...(step.sendMode === "DRAFT" ? [{ field: "sendMode", what: "make drafts of emails" }] : []),
        ...(step.replyInThread ? [{ field: "replyInThread", what: "reply in a thread" }] : []),
      ];
    }
    case "UPDATE_LEAD":
      return step.fields.flatMap(({ aiEnrich }, index) => {
        return aiEnrich ? [{ field: `fields.${index}.aiEnrich`, what: "enrich fields by AI" }] : [];
      });
    default:
      return [];
  }
}
