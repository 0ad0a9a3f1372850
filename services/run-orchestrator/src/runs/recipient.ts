import { COMMUNICATION_KINDS, type Reason } from "@cadenza/contracts";
import type { Draft } from "./draft.ts";
import { isClaimed } from "./model.ts";
import { REFUSALS } from "./reasons.ts";
import { settle } from "./settle.ts";

/** Fixed while a message is under way (ENR-4). */
export function changeRecipient(draft: Draft, contactId: string, ordinal: number): Reason | null {
  const { run } = draft;
  if (!run.open) return REFUSALS.notOpen(run.status);
  if (run.contactId === contactId) return null;
  const current = draft.current();
  if (current && isClaimed(current) && COMMUNICATION_KINDS.has(current.kind)) return REFUSALS.communicationStepOpen;
  run.contactId = contactId;
  run.ordinal = ordinal;
  // Somebody else's absence.
  run.holdUntilDate = null;
  followContact(draft);
  return null;
}

/** A merge made the subject another one (RUN-9). What was rendered for the old one is what is sent (EDIT-5). */
export function moveSubject(draft: Draft, to: { leadId: string; contactId: string; ordinal: number }): void {
  draft.run.leadId = to.leadId;
  draft.run.contactId = to.contactId;
  draft.run.ordinal = to.ordinal;
  followContact(draft);
}

function followContact(draft: Draft): void {
  // What was found of the old contact says nothing of the new one.
  if (draft.facts.contact) draft.forgetContact();
  settle(draft);
}
