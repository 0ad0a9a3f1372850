import type { Draft } from "./draft.ts";
import { REASONS, SYSTEM } from "./reasons.ts";

/** Stops a run that cannot be moved where it stands, for a person to see. Looks at nothing that may be what is broken. */
export function giveUp(draft: Draft): void {
  const { run } = draft;
  if (run.status !== "ACTIVE" && run.status !== "PAUSED") return;
  if (draft.current()) draft.updateCurrent({ status: "ERROR", reason: REASONS.internalError, heldUntil: null });
  draft.setStatus("ERROR", SYSTEM, REASONS.internalError);
  run.wakeAt = null;
}

/** What the step did before it was given up is not known: its effect keeps its name, so that it is not had twice. */
export function effectUnknown(draft: Draft): boolean {
  const current = draft.current();
  return current?.reason?.code === REASONS.internalError.code && current.revision !== null;
}
