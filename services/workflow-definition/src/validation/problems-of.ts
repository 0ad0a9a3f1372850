import { AVAILABLE_KINDS, type WorkflowProblem } from "@cadenza/contracts";
import { scheduleProblems } from "@cadenza/schedule";
import { STEP_KEYS } from "../steps/step-settings.ts";
import { visibleSteps } from "../steps/places.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";
import { reportEmail, reportTask } from "./step-problems.ts";
import { reportDelay } from "./step-problems.ts";
import { reportTrigger } from "./trigger-problems.ts";
import { reportUpdateLead } from "./update-lead-problems.ts";
import { reportUser } from "./user-problems.ts";

/** Every fault of a workflow, by step and field (WF-5); empty where it may be active. Pure. */
export function problemsOf(content: WorkflowContent, references: References): WorkflowProblem[] {
  const problems: WorkflowProblem[] = [];
  const reportFor =
    (stepId: string | null): Report =>
    (code, field, message) =>
      problems.push({ code, message, stepId, field });
  const report = reportFor(null);

  reportUser(content.ownerId, "ownerId", references, report);
  if (content.trigger) reportTrigger(content.trigger, references, report);
  for (const { code, field, message } of content.schedule ? scheduleProblems(content.schedule) : []) {
    report(code, field, message);
  }
  const steps = visibleSteps(content.places);
  if (steps.length === 0) report("NO_STEPS", "steps", "The workflow has no steps; add at least one.");
  for (const step of steps) {
    const reportStep = reportFor(step.id);
    reportDelay(step.delay, "delay", reportStep);
    if (!AVAILABLE_KINDS.has(step.kind)) {
      const message = `This version cannot carry out steps of kind ${step.kind} yet.`;
      reportStep("KIND_NOT_AVAILABLE", STEP_KEYS[step.kind], message);
    }
    switch (step.kind) {
      case "EMAIL":
        reportEmail(step, references, reportStep);
        break;
      case "TASK":
        reportTask(step, references, reportStep);
        break;
      case "UPDATE_LEAD":
        reportUpdateLead(step, references, reportStep);
        break;
    }
  }
  return problems;
}
