import type { CallEnded } from "@cadenza/contracts";
import type { IndexDefinition, TenantDocument } from "@cadenza/storage";

/** A call with a contact, as it was. */
export type CallDocument = TenantDocument & {
  version: number;
  createdAt: Date;
  updatedAt: Date;
  leadId: string;
  contactId: string;
  /** Who called, or was called; null where an API client logged it and named nobody. */
  userId: string | null;
  direction: CallEnded["direction"];
  /** The contact's number, in E.164. */
  number: string | null;
  status: CallEnded["status"];
  outcome: string | null;
  note: string | null;
  durationSeconds: number | null;
  startedAt: Date;
  endedAt: Date | null;
};

export const CALLS_COLLECTION = "calls";

export const CALL_INDEXES: readonly IndexDefinition[] = [
  { collection: CALLS_COLLECTION, key: { organizationId: 1, leadId: 1, _id: -1 }, options: { name: "callsOfLead" } },
  {
    collection: CALLS_COLLECTION,
    key: { organizationId: 1, contactId: 1, _id: -1 },
    options: { name: "callsOfContact" },
  },
];
