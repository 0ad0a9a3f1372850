import type { Definition } from "@cadenza/contracts";
import { decide, type Facts } from "./decide.ts";
import { dueHangsOnContact } from "./due.ts";
import { currentExecution, type Run } from "./model.ts";
import { stepOf } from "./next-step.ts";

/** An edit that may not have come to a run yet. `at`: when it was made; undefined where that is not known. */
export type Edit = { definition: Definition; facts: Facts; at: Date | undefined };
/** `wantsContact`: what is shown hangs on where the contact is, and the facts do not say. */
export type ShownRun = { run: Run; wantsContact: boolean };

/**
 * A run as the edit will have it, for people to see before it is written (EDIT-3): where it waits, and until when. Of what the
 * run will do because of the edit nothing is shown, and the version is that of what is stored.
 */
export function shownUnder(run: Run, edit: Edit, now: Date): ShownRun {
  if (!isWaiting(run)) return { run, wantsContact: false };
  const decision = decide(run, edit.definition, edit.facts, inputOf(edit), now);
  const wantsContact = decision.kind !== "refused" && Boolean(decision.wants?.contact);
  if (decision.kind !== "moved") return { run, wantsContact };
  const isDone = decision.commands.length === 0 && decision.transitions.length === 0 && !decision.wants;
  return { run: isDone ? withPlaceOf(run, decision.run) : standing(run, edit, now), wantsContact };
}

/** A paused run does nothing, so what it makes of the edit is the place alone. */
function standing(run: Run, edit: Edit, now: Date): Run {
  const facts: Facts = { ...edit.facts, workflowStatus: "ACTIVE" };
  const decision = decide({ ...run, status: "PAUSED" }, edit.definition, facts, inputOf(edit), now);
  if (decision.kind !== "moved") return run;
  const current = currentExecution(decision.run);
  // With no step left it is about to end, which is shown once it has.
  const step = current && stepOf(edit.definition.places, current.stepId);
  const isDueKnown = step && !(decision.wants && dueHangsOnContact(step, edit.definition));
  return isDueKnown ? withPlaceOf(run, decision.run) : run;
}

function withPlaceOf(run: Run, { executions, currentStepId, reasonCodes }: Run): Run {
  return { ...run, executions, currentStepId, reasonCodes };
}

function isWaiting(run: Run): boolean {
  if (run.status !== "ACTIVE" && run.status !== "PAUSED") return false;
  const current = currentExecution(run);
  return current === null || current.status === "PENDING" || current.status === "HELD";
}

function inputOf({ at }: Edit) {
  return at ? ({ kind: "definitionChanged", at } as const) : ({ kind: "definitionChanged" } as const);
}
