import type { Actor } from "@cadenza/contracts";
import type { IndexDefinition } from "@cadenza/storage";

export type Place = { id: string; leadId: string };

/**
 * What has become of a lead or contact, as far as it concerns runs (RUN-9). Kept for ever: a start that was asked for long
 * ago is still refused, and of two merges one behind the other the first may be heard of last.
 */
export type Subject = {
  /** Id of the lead or contact; they share one space of ids. */
  _id: string;
  organizationId: string;
  object: "LEAD" | "CONTACT";
  isGone: boolean;
  /** Of one that is gone: what it was merged into. */
  into: Place | null;
  /** Of a contact that went to another lead. */
  leadId: string | null;
  /** Version of the contact that says so. */
  leadVersion: number;
  actor: Actor;
  /** shardOf(_id): whose owner sees to its runs. */
  shard: number;
  /** When its runs are to be looked at; `AT_ONCE`, or later for those that came in between; null once nothing can follow. */
  dueAt: Date | null;
};

export const AT_ONCE = new Date(0);

export const SUBJECT_INDEXES: IndexDefinition[] = [
  {
    collection: "subjects",
    key: { dueAt: 1, shard: 1 },
    options: { name: "due", partialFilterExpression: { dueAt: { $gte: AT_ONCE } } },
  },
  {
    collection: "startRefusals",
    key: { organizationId: 1, contactId: 1 },
    options: { name: "ofContact" },
  },
  { collection: "startRefusals", key: { organizationId: 1, leadId: 1 }, options: { name: "ofLead" } },
];
