import type { ContactView, LeadView, OpportunityView } from "@cadenza/contracts";

/** The change that conditions look at: fields after and before, by their names in the graph (custom ones `custom.<field id>`). */
export type ConditionEvent = {
  /** What was changed; `lead.status CHANGED` looks at the event only where the event is the lead's. */
  object?: "LEAD" | "CONTACT" | "OPPORTUNITY";
  data: Record<string, unknown>;
  previous: Record<string, unknown>;
  /** Id of the user who made the change; null where it was not a user. */
  user: string | null;
};

/** What a condition is about. What does not exist is null, and all its fields are empty. */
export type ConditionSubject = {
  lead: LeadView | null;
  contact: ContactView | null;
  opportunity: OpportunityView | null;
  event: ConditionEvent | null;
};
