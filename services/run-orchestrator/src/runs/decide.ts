import type { Definition, Reason } from "@cadenza/contracts";
import { holdForAutoReply } from "./auto-reply.ts";
import type { Decision, Facts, Input } from "./decision.ts";
import { Draft } from "./draft.ts";
import { giveUp } from "./give-up.ts";
import { meetGoal } from "./goals.ts";
import { archive, cancel, pause, resume, retry, skipStep, start } from "./hand-actions.ts";
import type { Run } from "./model.ts";
import { changeRecipient, moveSubject } from "./recipient.ts";
import { markResponded, resumeFromCall } from "./responses.ts";
import { settle, wantZoneOfPaused } from "./settle.ts";
import { recordResult } from "./step-results.ts";

export {
  type Decision,
  type Facts,
  type Input,
  type RunCommand,
  type Wants,
  type ZoneFacts,
} from "./decision.ts";

/**
 * What a run does next. Pure: same arguments, same answer; the engine and the simulator call it. Which step comes next is
 * `nextStep`; the other rules live in files named after them, beside their tests.
 * @param definition the newest revision; what was claimed under an older one keeps to that by itself.
 */
export function decide(run: Run, definition: Definition, facts: Facts, input: Input, now: Date): Decision {
  const draft = new Draft(run, definition, facts, now);
  const refusal = apply(draft, input);
  return refusal ? { kind: "refused", reason: refusal } : draft.finish();
}

function apply(draft: Draft, input: Input): Reason | null {
  switch (input.kind) {
    case "start":
      start(draft);
      return null;
    case "tick":
      settle(draft);
      return null;
    case "definitionChanged":
      if (input.at) draft.followsSince(input.at);
      settle(draft);
      wantZoneOfPaused(draft);
      return null;
    case "giveUp":
      giveUp(draft);
      return null;
    case "workflowArchived":
      archive(draft, input.actor);
      return null;
    case "stepResult":
      recordResult(draft, input.result);
      settle(draft);
      return null;
    case "pause":
      return pause(draft, input.actor, input.reason);
    case "resume":
      return resume(draft, input.actor);
    case "cancel":
      return cancel(draft, input.actor, input.reason);
    case "retry":
      return retry(draft, input.actor);
    case "skipStep":
      return skipStep(draft, input.actor, input.stepId);
    case "changeRecipient":
      return changeRecipient(draft, input.contactId, input.ordinal);
    case "subjectMoved":
      moveSubject(draft, input);
      return null;
    case "goalMet":
      meetGoal(draft, input.goal);
      return null;
    case "markResponded":
      return markResponded(draft, input.callId, input.actor);
    case "resumeFromCall":
      return resumeFromCall(draft, input.callId, input.actor);
    case "autoReply":
      holdForAutoReply(draft, input.untilDate);
      return null;
  }
}
