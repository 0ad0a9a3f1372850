import type { CrmReader } from "@cadenza/contracts";
import { daysAfter, daysBefore, type StalledSweep } from "./stalled-sweep.ts";
import type { StalledOpportunity } from "./stalled-event.ts";

/** Opportunities of one transaction. */
const PAGE_SIZE = 200;
/** A change that nobody told this replica of is seen at the latest this much later. */
const LOOK_EVERY_MS = 60_000;

/** What has stalled since the sweep last looked, and where it stands once that has been dealt with. */
export type SweepPage = {
  opportunities: StalledOpportunity[];
  next: Pick<StalledSweep, "stalledDays" | "sweptUntil" | "afterId" | "wakeAt">;
};

/** @param stalledDays of the newest revision, which may differ from those the sweep began with. */
export async function readSweepPage(
  crm: Pick<CrmReader, "findStalled">,
  sweep: StalledSweep,
  stalledDays: number,
  now: Date,
): Promise<SweepPage> {
  const { organizationId, sweptUntil, afterId } = sweep;
  const until = daysBefore(now, stalledDays);
  if (until < sweptUntil) {
    // More days than before: what was looked at has had its turn.
    const wakeAt = earlier(daysAfter(sweptUntil, stalledDays), new Date(now.getTime() + LOOK_EVERY_MS));
    return { opportunities: [], next: { stalledDays, sweptUntil, afterId, wakeAt } };
  }
  const { opportunities, nextChangedAt } = await crm.findStalled({
    organizationId,
    changedAfter: sweptUntil.toISOString(),
    changedUntil: until.toISOString(),
    afterId,
    limit: PAGE_SIZE,
  });
  const last = opportunities.at(-1);
  if (last && opportunities.length === PAGE_SIZE)
    return {
      opportunities,
      next: { stalledDays, sweptUntil: new Date(last.updatedAt), afterId: last.id, wakeAt: now },
    };
  const nextStall = nextChangedAt === null ? null : daysAfter(new Date(nextChangedAt), stalledDays);
  const wakeAt = earlier(nextStall, new Date(now.getTime() + LOOK_EVERY_MS));
  return { opportunities, next: { stalledDays, sweptUntil: until, afterId: null, wakeAt } };
}

function earlier(a: Date | null, b: Date): Date {
  return a && a < b ? a : b;
}
