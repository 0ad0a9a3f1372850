import type { Metrics } from "@cadenza/platform";
import { type Logger, messageOf, realClock } from "@cadenza/platform";
import type { Collection, Database } from "@cadenza/storage";
import type { Bus } from "./bus.ts";
import { type OutboxEntry, outboxOf } from "./outbox.ts";
import { type StreamName, streamOf } from "./streams.ts";

/** How long an entry may be unmarked before the sweep publishes it again. */
const SWEEP_AFTER_MS = 2000;
const SWEEP_EVERY_MS = 1000;
const SWEEP_BATCH = 500;
/** How often the stream is compared with the marks. */
const COMPARE_EVERY_MS = 30_000;
/** How soon a comparison that failed is tried again: a wiped server has no stream until a consumer makes it anew. */
const COMPARE_AGAIN_MS = 1000;
/** JetStream syncs its files at least this often (sync_interval, 2 minutes by default); what is younger may be lost with the power. */
const UNSYNCED_MS = 150_000;
/** Marks are written together; a lost mark only makes an entry be published twice. */
const MARK_LINGER_MS = 50;

const STREAMS: readonly StreamName[] = ["COMMANDS", "EVENTS"];

type Mark = { id: string; incarnation: string; sequence: number };

/**
 * Publishes the outbox: right after each commit, again when no acknowledgement came, and again what the stream has lost
 * (a wiped store, an unsynced tail). Times are real ones: this is about machines, not about the product's clock.
 */
export class OutboxRelay {
  readonly #outbox: Collection<OutboxEntry>;
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #incarnations = new Map<StreamName, string>();
  readonly #marks: Mark[] = [];
  #marking: NodeJS.Timeout | undefined;
  #timers: NodeJS.Timeout[] = [];
  /** Streams whose newest entries may be gone since the connection was lost: until a comparison has gone through. */
  readonly #inDoubt = new Set<StreamName>();
  #compareAgain: NodeJS.Timeout | undefined;
  #stopped = false;
  #sweeping = false;
  #oldestUnmarkedMs = 0;

  constructor(options: { database: Database; bus: Bus; log: Logger; metrics?: Metrics | undefined }) {
    this.#outbox = outboxOf(options.database);
    this.#bus = options.bus;
    this.#log = options.log;
    options.metrics?.gauge(
      "outbox_age_seconds",
      "Age of the oldest entry that is not known to be on the bus.",
      [],
      (gauge) => gauge.set(this.#oldestUnmarkedMs / 1000),
    );
  }

  async start(): Promise<void> {
    await this.#compare("start").catch((error: unknown) =>
      this.#log.warn({ err: error }, "The stream cannot be compared with the outbox yet."),
    );
    this.#timers = [
      setInterval(() => void this.#sweep(), SWEEP_EVERY_MS),
      setInterval(() => void this.#compareLogged("interval"), COMPARE_EVERY_MS),
    ];
    this.#bus.onReconnect(() => {
      for (const stream of STREAMS) this.#inDoubt.add(stream);
      void this.#compareLogged("reconnect");
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#compareAgain);
    await this.#writeMarks();
  }

  /** Not awaited by whoever committed: an entry that does not get through is the sweep's. */
  publish(entries: readonly Pick<OutboxEntry, "_id" | "subject" | "body">[]): void {
    for (const entry of entries) void this.#publishOne(entry);
  }

  async #publishOne(entry: Pick<OutboxEntry, "_id" | "subject" | "body">): Promise<void> {
    if (!this.#bus.isConnected()) return;
    try {
      const acknowledged = await this.#bus.jetstream.publish(this.#bus.named(entry.subject), entry.body, {
        msgID: entry._id,
      });
      const incarnation = this.#incarnations.get(streamOf(entry.subject));
      if (incarnation) this.#mark({ id: entry._id, incarnation, sequence: acknowledged.seq });
    } catch (error) {
      this.#log.debug(
        { outboxId: entry._id, reason: messageOf(error) },
        "An outbox entry was not acknowledged; the sweep takes it up.",
      );
    }
  }

  #mark(mark: Mark): void {
    this.#marks.push(mark);
    this.#marking ??= setTimeout(() => void this.#writeMarks(), MARK_LINGER_MS);
  }

  async #writeMarks(): Promise<void> {
    clearTimeout(this.#marking);
    this.#marking = undefined;
    const marks = this.#marks.splice(0);
    if (marks.length === 0) return;
    try {
      await this.#outbox.bulkWrite(
        marks.map(({ id, incarnation, sequence }) => ({
          updateOne: { filter: { _id: id }, update: { $set: { incarnation, sequence } } },
        })),
        { ordered: false, writeConcern: { w: 1, journal: false } },
      );
    } catch (error) {
      this.#log.debug(
        { reason: messageOf(error) },
        "Marks of the outbox were not written; their entries are published again.",
      );
    }
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping || !this.#bus.isConnected()) return;
    this.#sweeping = true;
    try {
      const now = realClock.now().getTime();
      const unmarked = {
        stream: { $in: STREAMS },
        incarnation: null,
        createdAt: { $lt: new Date(now - SWEEP_AFTER_MS) },
      };
      const stale = await this.#outbox.find(unmarked, { sort: { _id: 1 }, limit: SWEEP_BATCH }).toArray();
      this.#oldestUnmarkedMs = stale[0] ? now - stale[0].createdAt.getTime() : 0;
      await Promise.all(stale.map((entry) => this.#publishOne(entry)));
    } catch (error) {
      this.#log.warn({ err: error }, "Sweeping the outbox failed; trying again.");
    } finally {
      this.#sweeping = false;
    }
  }

  async #compareLogged(why: string): Promise<void> {
    try {
      await this.#compare(why);
    } catch (error) {
      this.#log.warn({ err: error }, "The stream cannot be compared with the outbox; trying again.");
      if (this.#stopped) return;
      clearTimeout(this.#compareAgain);
      this.#compareAgain = setTimeout(() => void this.#compareLogged("again"), COMPARE_AGAIN_MS);
    }
  }

  /** Unmarks what the streams no longer have, so that the sweep publishes it. */
  async #compare(why: string): Promise<void> {
    for (const stream of STREAMS) {
      const info = await this.#bus.manager.streams.info(this.#bus.named(stream));
      const incarnation = info.created;
      const before = this.#incarnations.get(stream);
      this.#incarnations.set(stream, incarnation);
      const lost = [
        { stream, incarnation: { $nin: [null, incarnation] } },
        { stream, incarnation, sequence: { $gt: info.state.last_seq } },
      ];
      // Sequences that a lost tail had may have been given out again: what could have been in it goes out once more.
      const doubtful = this.#inDoubt.has(stream)
        ? [{ stream, incarnation, createdAt: { $gt: new Date(realClock.now().getTime() - UNSYNCED_MS) } }]
        : [];
      const result = await this.#outbox.updateMany(
        { $or: [...lost, ...doubtful] },
        { $set: { incarnation: null, sequence: null } },
      );
      this.#inDoubt.delete(stream);
      if (result.modifiedCount > 0)
        this.#log.warn(
          { stream, entries: result.modifiedCount, why, newStream: before !== undefined && before !== incarnation },
          "The stream may have lost entries; publishing them again.",
        );
    }
  }
}
