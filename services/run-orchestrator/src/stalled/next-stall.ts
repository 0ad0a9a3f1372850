import type { CrmReader } from "@cadenza/contracts";
import { daysAfter, daysBefore, type StalledSweep } from "./stalled-sweep.ts";
import type { StalledSweepStore } from "./stalled-sweep-store.ts";

/** When the next opportunity stalls, of all that some workflow waits for; null where none will. */
export async function nextStall(
  sweeps: StalledSweepStore,
  crm: Pick<CrmReader, "findStalled">,
  now: Date,
): Promise<Date | null> {
  const stalls = await Promise.all((await sweeps.active()).map((sweep) => nextOf(sweep, crm, now)));
  return stalls.filter((at) => at !== null).toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
}

async function nextOf(sweep: StalledSweep, crm: Pick<CrmReader, "findStalled">, now: Date): Promise<Date | null> {
  const { organizationId, stalledDays, sweptUntil } = sweep;
  const stalledUntil = daysBefore(now, stalledDays);
  const after = (stalledUntil > sweptUntil ? stalledUntil : sweptUntil).toISOString();
  const { nextChangedAt } = await crm.findStalled({
    organizationId,
    changedAfter: after,
    changedUntil: after,
    afterId: null,
    limit: 1,
  });
  return nextChangedAt === null ? null : daysAfter(new Date(nextChangedAt), stalledDays);
}
