import { RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import type { Bus } from "./bus.ts";

const HOUR_NS = 3600 * 1e9;
/** A publish repeated within this time is dropped by the server; `handled` keys catch the later ones. */
const DUPLICATE_WINDOW_NS = 120 * 1e9;
/** Pull consumers with several filters, and `max_ack_pending` as used here, are sound from this version on. */
const OLDEST_SERVER = [2, 10, 0] as const;

export class StreamSetupError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StreamSetupError";
  }
}

export type StreamName = "COMMANDS" | "EVENTS";

/** `cmd.…` goes to COMMANDS, `evt.…` to EVENTS. */
export function streamOf(subject: string): StreamName {
  return subject.startsWith("cmd.") ? "COMMANDS" : "EVENTS";
}

/**
 * Creates the two streams, or brings them to this configuration. Safe to run any number of times, from any service.
 * @param options.replicas copies of each stream (1, 3 or 5).
 * @throws StreamSetupError when the server is too old or keeps another configuration than was asked for.
 */
export async function ensureStreams(bus: Bus, options: { replicas: number }): Promise<void> {
  assertVersion(bus.connection.info?.version ?? "0");
  const shared = { storage: StorageType.File, num_replicas: options.replicas, duplicate_window: DUPLICATE_WINDOW_NS };
  await Promise.all([
    ensureStream(bus, {
      ...shared,
      name: bus.named("COMMANDS"),
      subjects: [bus.named("cmd.>")],
      retention: RetentionPolicy.Workqueue,
      max_age: 48 * HOUR_NS,
    }),
    ensureStream(bus, {
      ...shared,
      name: bus.named("EVENTS"),
      subjects: [bus.named("evt.>")],
      retention: RetentionPolicy.Limits,
      max_age: 7 * 24 * HOUR_NS,
    }),
  ]);
}

async function ensureStream(bus: Bus, wanted: Partial<StreamConfig> & { name: string }): Promise<void> {
  const existing = await bus.manager.streams.info(wanted.name).catch(() => null);
  const info = existing
    ? await bus.manager.streams.update(wanted.name, wanted)
    : await bus.manager.streams.add(wanted as StreamConfig);
  // Older servers drop options they do not know without a word.
  for (const [key, value] of Object.entries(wanted)) {
    const kept = (info.config as unknown as Record<string, unknown>)[key];
    if (JSON.stringify(kept) !== JSON.stringify(value))
      throw new StreamSetupError(
        `NATS keeps ${key}=${JSON.stringify(kept)} for stream ${wanted.name}; ${JSON.stringify(value)} was asked for.`,
      );
  }
}

function assertVersion(version: string): void {
  const parts = version.split(".").map((part) => Number.parseInt(part, 10));
  for (const [index, least] of OLDEST_SERVER.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new StreamSetupError(`NATS server ${version} is too old; ${OLDEST_SERVER.join(".")} or newer is needed.`);
  }
}
