import type { SendsService } from "@cadenza/contracts";
import type { Bus } from "@cadenza/messaging";
import type { Engine } from "../engine/engine.ts";
import type { StalledSweepStore } from "../stalled/stalled-sweep-store.ts";

export type QuietOptions = {
  engine: Engine;
  sends: Pick<SendsService, "countDue">;
  sweeps: StalledSweepStore;
  bus: Bus;
};

/**
 * Whether nothing that was due by `now` is under way in the whole house: no run to be moved, no message to be sent, no
 * opportunity that has stalled unnoticed, nothing on the bus.
 */
export async function isQuiet({ engine, sends, sweeps, bus }: QuietOptions, now: Date): Promise<boolean> {
  const [unsettled, { due }, unswept, unheard, travelling] = await Promise.all([
    engine.countUnsettled(now),
    sends.countDue({ before: now.toISOString() }),
    sweeps.countDue(now),
    engine.subjects.countUnsettled(),
    countTravelling(bus),
  ]);
  return unsettled === 0 && unswept === 0 && unheard === 0 && due === 0 && travelling === 0;
}

/** Envelopes that some consumer has not taken, or not acknowledged. */
async function countTravelling(bus: Bus): Promise<number> {
  const pages = await Promise.all(
    ["COMMANDS", "EVENTS"].map((stream) => bus.manager.consumers.list(bus.named(stream)).next()),
  );
  return pages.flat().reduce((sum, { num_pending, num_ack_pending }) => sum + num_pending + num_ack_pending, 0);
}
