import type { Actor } from "@cadenza/contracts";

/** What workflows share and take over into their revisions. */
export type RolloutCause = { kind: "CALENDAR"; calendarId: string } | { kind: "ORGANIZATION_TIME_ZONE" };

/**
 * A change of something shared, on its way to each workflow as a new revision. It is written with the change and removed
 * when the last workflow has it, so that no crash in between loses one.
 */
export type Rollout = {
  _id: string;
  organizationId: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  cause: RolloutCause;
  /** Of the revisions it makes. */
  author: Actor;
  note: string;
  /** All workflows up to this id have been looked at; null at the beginning. */
  afterId: string | null;
  /** Passes over all workflows that are still to begin. */
  passesLeft: number;
  /** Until this instant of real time a process works at it, or it rests. */
  leaseUntil: Date;
};
