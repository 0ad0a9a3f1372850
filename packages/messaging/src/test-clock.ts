import type { OffsetClock } from "@cadenza/platform";
import type { Database } from "@cadenza/storage";
import type { Bus } from "./bus.ts";

type ClockDocument = { _id: string; offsetMs: number };

const SUBJECT = "clock.offset";
/** A notice may be lost; the offset is read again this often. */
const READ_EVERY_MS = 1000;

function clocksOf(database: Database) {
  return database.connection.useDb("platform", { useCache: true }).collection<ClockDocument>("clock");
}

/** Keeps a process's clock with the stack's (OPS-3): reads the shared offset now, at every notice, and every second. */
export async function followTestClock(options: {
  bus: Bus;
  database: Database;
  clock: OffsetClock;
}): Promise<{ stop(): void }> {
  const { bus, database, clock } = options;
  const read = async (): Promise<void> => {
    const stored = await clocksOf(database).findOne({ _id: "clock" });
    if (stored) clock.setOffsetMs(stored.offsetMs);
  };
  const subscription = bus.subscribeCore(SUBJECT, (text) => clock.setOffsetMs(Number(text)));
  await read();
  const timer = setInterval(
    () => void read().catch((error: unknown) => bus.log.debug({ err: error }, "The clock's offset cannot be read.")),
    READ_EVERY_MS,
  );
  return {
    stop: () => {
      clearInterval(timer);
      subscription.stop();
    },
  };
}

/** Moves the stack's clock; an offset below the present one changes nothing. */
export async function moveTestClock(options: { bus: Bus; database: Database; offsetMs: number }): Promise<void> {
  const { bus, database, offsetMs } = options;
  await clocksOf(database).updateOne({ _id: "clock" }, { $max: { offsetMs } }, { upsert: true });
  bus.publishCore(SUBJECT, String(offsetMs));
  await bus.connection.flush();
}
