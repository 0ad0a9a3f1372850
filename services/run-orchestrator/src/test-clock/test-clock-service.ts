import { setTimeout as wait } from "node:timers/promises";
import { type Bus, moveTestClock } from "@cadenza/messaging";
import { type Clock, OffsetClock, realClock } from "@cadenza/platform";
import type { Database } from "@cadenza/storage";
import { type UserError, userError } from "@cadenza/subgraph";
import type { NextDue } from "./next-due.ts";

export type TestClockView = { enabled: boolean; now: Date };
export type TestClockPayload = { testClock: TestClockView | null; userErrors: UserError[] };

export type TestClockOptions = {
  /** An `OffsetClock` where the deployment lets it be moved. */
  clock: Clock;
  bus: Bus;
  database: Database;
  next: Pick<NextDue, "after">;
  /** Whether nothing that was due by then is under way. */
  isQuiet: (now: Date) => Promise<boolean>;
};

/** Longest time that moving the clock may take (OPS-3). */
const MAX_MS = 30_000;
const LOOK_EVERY_MS = 15;
/** What has just been committed shows on the bus a moment later: quiet counts when it is seen this often in a row. */
const QUIET_LOOKS = 3;
/** Past the instant itself, so that what is due at it is due. */
const PAST_MS = 1;
/** Instants closer than this are many runs' of one moment: then one stop is for all of so long a stretch. */
const CLOSE_MS = 500;
const STRETCH_MS = 150;

/** Moves the house's clock from one due instant to the next, so that everything happens in its order and at its time. */
export class TestClockService {
  readonly #options: TestClockOptions;

  constructor(options: TestClockOptions) {
    this.#options = options;
  }

  get view(): TestClockView {
    const { clock } = this.#options;
    return { enabled: clock instanceof OffsetClock, now: clock.now() };
  }

  async advance(to: Date): Promise<TestClockPayload> {
    const { clock } = this.#options;
    if (!(clock instanceof OffsetClock))
      return refused("TEST_CLOCK_DISABLED", "This deployment has no clock that can be moved.");
    if (to < clock.now()) return refused("CLOCK_CANNOT_GO_BACK", "The clock only moves forward.");
    const deadlineMs = realClock.now().getTime() + MAX_MS;
    await this.#step(clock, to, deadlineMs);
    return { testClock: this.view, userErrors: [] };
  }

  /** From one due instant to the next; what takes too long is not waited for any more. */
  async #step(clock: OffsetClock, to: Date, deadlineMs: number): Promise<void> {
    let before: Date | null = null;
    for (;;) {
      const quietAt = await this.#becomesQuiet(clock, deadlineMs);
      if (!quietAt) return this.#move(clock, to);
      const next = await this.#options.next.after(quietAt);
      const isLast = !next || next > to;
      // The clock runs on while it is looked: what has fallen due since is under way, and waited for.
      if (next && next <= clock.now()) continue;
      await this.#move(clock, isLast ? to : stopFor(next, before, to));
      before = next;
      if (isLast) {
        await this.#becomesQuiet(clock, deadlineMs);
        return;
      }
    }
  }

  /** The instant of the last look, by which all was done; null where that takes too long. */
  async #becomesQuiet(clock: Clock, deadlineMs: number): Promise<Date | null> {
    let looks = 0;
    while (realClock.now().getTime() < deadlineMs) {
      const now = clock.now();
      looks = (await this.#options.isQuiet(now)) ? looks + 1 : 0;
      if (looks === QUIET_LOOKS) return now;
      await wait(LOOK_EVERY_MS);
    }
    return null;
  }

  async #move(clock: OffsetClock, to: Date): Promise<void> {
    const { bus, database } = this.#options;
    const offsetMs = to.getTime() - realClock.now().getTime();
    await moveTestClock({ bus, database, offsetMs });
    clock.setOffsetMs(offsetMs);
  }
}

/** Where the clock is to stand for what is due at `next`. @param before the instant of the last stop. */
function stopFor(next: Date, before: Date | null, to: Date): Date {
  const isClose = before !== null && next.getTime() - before.getTime() < CLOSE_MS;
  return new Date(Math.min(next.getTime() + (isClose ? STRETCH_MS : PAST_MS), to.getTime()));
}

function refused(code: string, message: string): TestClockPayload {
  return { testClock: null, userErrors: [userError(code, message, ["to"])] };
}
