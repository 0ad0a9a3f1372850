import type { WorkflowProblem } from "@cadenza/contracts";
import { scheduleProblems } from "@cadenza/schedule";
import { visibleSteps } from "../steps/places.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { reportGoals } from "./goal-problems.ts";
import type { Report } from "./problem.ts";
import type { References } from "./references.ts";
import { reportStep } from "./step-problems.ts";
import { reportTrigger } from "./trigger-problems.ts";
import { reportUser } from "./user-problems.ts";

/** Every fault of a workflow, by step and field (WF-5); empty where it may be active. Pure. */
export function problemsOf(content: WorkflowContent, references: References): WorkflowProblem[] {
  const problems: WorkflowProblem[] = [];
  const reportFor =
    (stepId: string | null): Report =>
    (code, field, message) => {
      problems.push({ code, message, stepId, field });
    };
  const report = reportFor(null);
  const { ownerId, trigger, schedule, goals } = content;

  reportUser(ownerId, "ownerId", references, report);
  if (trigger) reportTrigger(trigger, references, report);
  for (const { code, field, message } of schedule ? scheduleProblems(schedule) : []) report(code, field, message);
  reportGoals(goals, references, report);
  const steps = visibleSteps(content.places);
  if (steps.length === 0) report("NO_STEPS", "steps", "The workflow has no steps; add at least one.");
  for (const step of steps) reportStep(step, trigger, references, reportFor(step.id));
  return problems;
}
