import type { CurrentDefinition } from "../engine/definitions.ts";

/** How far an active workflow with the trigger OPPORTUNITY_STALLED has looked through the opportunities (CRM-5). */
export type StalledSweep = {
  /** Workflow's id. */
  _id: string;
  organizationId: string;
  /** Whose owner does it. */
  shard: number;
  version: number;
  isActive: boolean;
  stalledDays: number;
  /** Opportunities whose last change lies up to here have been looked at; of those changed at this very instant, up to `afterId`. */
  sweptUntil: Date;
  afterId: string | null;
  /** When the next one stalls, as far as that is known, and soon at the latest. */
  wakeAt: Date;
};

const DAY_MS = 86_400_000;

export function daysBefore(at: Date, days: number): Date {
  return new Date(at.getTime() - days * DAY_MS);
}

export function daysAfter(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY_MS);
}

/** After how many days without a change a workflow wants to hear of an opportunity; null where it does not. */
export function stalledDaysOf(current: CurrentDefinition | undefined): number | null {
  const { status, definition } = current ?? {};
  return status === "ACTIVE" && definition?.trigger?.event === "OPPORTUNITY_STALLED"
    ? definition.trigger.stalledDays
    : null;
}
