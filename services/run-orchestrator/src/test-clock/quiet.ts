import type { SendsService } from "@cadenza/contracts";
import type { Bus } from "@cadenza/messaging";
import type { Clock } from "@cadenza/platform";
import type { Engine } from "../engine/engine.ts";

export type QuietOptions = { engine: Engine; sends: Pick<SendsService, "countDue">; bus: Bus; clock: Clock };

/** Whether nothing is under way in the whole house: no run to be moved, no message to be sent, nothing on the bus. */
export async function isQuiet({ engine, sends, bus, clock }: QuietOptions): Promise<boolean> {
  const now = clock.now();
  const [unsettled, { due }, travelling] = await Promise.all([
    engine.countUnsettled(now),
    sends.countDue({ before: now.toISOString() }),
    countTravelling(bus),
  ]);
  return unsettled === 0 && due === 0 && travelling === 0;
}

/** Envelopes that some consumer has not taken, or not acknowledged. */
async function countTravelling(bus: Bus): Promise<number> {
  const pages = await Promise.all(
    ["COMMANDS", "EVENTS"].map((stream) => bus.manager.consumers.list(bus.named(stream)).next()),
  );
  return pages.flat().reduce((sum, { num_pending, num_ack_pending }) => sum + num_pending + num_ack_pending, 0);
}
