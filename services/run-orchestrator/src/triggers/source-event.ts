import type { Causation, CrmChange, TriggerEvent } from "@cadenza/contracts";

/** One thing that happened, as triggers see it, whoever told it. The same thing told again has the same `key`. */
export type SourceEvent = {
  key: string;
  at: Date;
  /** Which events it is (TRG-1); a change of a lead's status is two. */
  events: readonly TriggerEvent[];
  leadId: string;
  /** The event's own contact; null where it is about the lead as a whole (ENR-4). */
  contactId: string | null;
  opportunityId: string | null;
  /** The version at which an opportunity stalled: a later one has not. Null for every other event. */
  stalledVersion: number | null;
  /** Whose change it is; null where nothing was changed. */
  object: CrmChange["object"] | null;
  /** Whether `data` tells the whole object, as at its creation. */
  isWhole: boolean;
  data: Record<string, unknown>;
  previous: Record<string, unknown>;
  /** Id of the user who did it; null where it was not a user. */
  user: string | null;
  causation: Causation;
};
