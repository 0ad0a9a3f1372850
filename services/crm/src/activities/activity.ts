import type { ActivityRecorded, Actor } from "@cadenza/contracts";
import type { IndexDefinition, TenantDocument } from "@cadenza/storage";

/** Something that happened outside and was told by a client or a person. */
export type Activity = TenantDocument & {
  kind: ActivityRecorded["kind"];
  /** Null once the lead is deleted: its `externalId` stays used for ever. */
  leadId: string | null;
  contactId: string | null;
  userId: string | null;
  data: Record<string, unknown>;
  /** The teller's own name for it, used once in the organization. */
  externalId: string;
  /** Tells a repetition of the first input from another one. */
  inputHash: string;
  occurredAt: Date;
  actor: Actor;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

export const ACTIVITY_EXTERNAL_ID_INDEX = "onceAnExternalId";

export const ACTIVITY_INDEXES: readonly IndexDefinition[] = [
  {
    collection: "activities",
    key: { organizationId: 1, externalId: 1 },
    options: { unique: true, name: ACTIVITY_EXTERNAL_ID_INDEX },
  },
  { collection: "activities", key: { organizationId: 1, leadId: 1, _id: 1 }, options: { name: "activitiesOfLead" } },
  {
    collection: "activities",
    key: { organizationId: 1, contactId: 1, _id: 1 },
    options: { name: "activitiesOfContact" },
  },
];
