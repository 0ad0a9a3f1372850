import { type Schedule, WEEKDAYS } from "@cadenza/contracts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/**
 * A few days of a zone, minute by minute, as Intl shows them. It knows nothing of how the package calculates: every question
 * is answered by walking along the minutes.
 */
export class MinuteModel {
  readonly startMs: number;
  /** Local time of each minute, as the UTC time that shows the same. */
  readonly local: readonly number[];

  constructor(timeZone: string, startMs: number, days: number) {
    this.startMs = startMs;
    const show = clockOf(timeZone);
    this.local = Array.from({ length: days * 1440 }, (_, index) => show(startMs + index * MINUTE));
  }

  instant(index: number): number {
    return this.startMs + index * MINUTE;
  }

  /** The first minute that is not before a local time: past the end where there is none. */
  first(local: number): number {
    const index = this.local.findIndex((shown) => shown >= local);
    return index < 0 ? this.local.length : index;
  }

  /** For each minute, whether a schedule is open in it. */
  openMinutes(schedule: Schedule): boolean[] {
    const open = this.local.map(() => false);
    const firstDay = Math.floor(this.local[0]! / DAY) * DAY;
    for (let day = firstDay; day <= this.local.at(-1)!; day += DAY) {
      for (const { weekday, start, end } of schedule.ranges) {
        if (WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7] !== weekday) continue;
        const [from, to] = [minutesOf(start), minutesOf(end)];
        if (from < to) this.#fill(open, schedule, day, from, to);
        else {
          this.#fill(open, schedule, day, from, 1440);
          this.#fill(open, schedule, day + DAY, 0, to);
        }
      }
    }
    return open;
  }

  #fill(open: boolean[], schedule: Schedule, day: number, from: number, to: number): void {
    if (schedule.blackoutDates.includes(new Date(day).toISOString().slice(0, 10))) return;
    // A range of the first day may have begun before the first minute: the walk begins a day later.
    open.fill(
      true,
      this.first(day + from * MINUTE),
      Math.max(this.first(day + from * MINUTE), this.first(day + to * MINUTE)),
    );
  }
}

/** When a zone's offset changes between two instants, to the minute. */
export function changesOf(timeZone: string, fromMs: number, toMs: number): number[] {
  const show = clockOf(timeZone);
  const changes: number[] = [];
  for (let ms = fromMs; ms < toMs; ms += DAY) {
    if (show(ms + DAY) - show(ms) === DAY) continue;
    let minute = ms;
    while (show(minute + MINUTE) - show(minute) === MINUTE) minute += MINUTE;
    changes.push(minute + MINUTE);
  }
  return changes;
}

function clockOf(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return (ms) => Date.parse(`${format.format(ms).replace(" ", "T")}Z`);
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
