/** The words that the reference is written in. */

export type Kind = "EMAIL" | "TASK" | "UPDATE_LEAD";
export type PlannedStep = { id: string; removed: boolean; kind: Kind; delay: number; anyTime: boolean };
export type Plan = { steps: readonly PlannedStep[]; office: boolean; replyEnds: boolean; mayMark: boolean };
export type Status = "ACTIVE" | "PAUSED" | "FINISHED" | "GOAL_MET" | "ERROR" | "CANCELED";
export type Outcome = "WAITING" | "DONE" | "SKIPPED" | "ERROR" | "CANCELED";
export type Told = {
  step: string;
  attempt: number;
  outcome: Outcome;
  code: string | null;
  until: number | null;
  at: number;
};

export type Shown = "PENDING" | "HELD" | "PROCESSING" | "WAITING" | "ERROR" | "DONE" | "SKIPPED" | "CANCELED";
/** One step of the run. `pulled`: its effect is to be taken back, and why; kept by what a goal ended until its fate is told. */
export type Entry = {
  step: string;
  kind: Kind;
  shown: Shown;
  code: string | null;
  since: number;
  due: number;
  until: number | null;
  attempt: number;
  began: number;
  pulled: string | null;
  notices: Told[];
};

export const DAY = 1440;
export const GOALS = new Set(["EMAIL_REPLY", "MARKED_AS_RESPONDED"]);
export const OVER = new Set<Status>(["FINISHED", "GOAL_MET", "CANCELED"]);
export const isOut = (entry: Entry): boolean => entry.shown === "PROCESSING" || entry.shown === "WAITING";
export const isOpenAt = (now: number): boolean => now % DAY >= 9 * 60 && now % DAY < 17 * 60;
export const nextOpening = (now: number): number => {
  let at = now;
  while (!isOpenAt(at)) at = Math.floor(at) + 1;
  return at;
};

/** EDIT-1: first in the order, behind the one that ended last, and has not ended itself. */
export function firstBehind({ steps }: Plan, ended: readonly string[]): PlannedStep | null {
  const from = steps.findIndex(({ id }) => id === ended.at(-1));
  return steps.find(({ id, removed }, place) => place > from && !removed && !ended.includes(id)) ?? null;
}

export function planned({ steps }: Plan, step: string): PlannedStep | null {
  return steps.find(({ id, removed }) => id === step && !removed) ?? null;
}

/** RUN-7: whether a run that is over has steps to go on with; the one that a goal stopped is among them. */
export function isAnythingLeft({ status, entries, plan }: { status: Status; entries: readonly Entry[]; plan: Plan }) {
  const last = entries.at(-1);
  const stopped = status === "GOAL_MET" && last?.shown === "CANCELED" && (last.pulled || last.code === "EMAIL_REPLY");
  if (stopped && last.attempt > 0 && planned(plan, last.step)) return true;
  const ended = stopped && last.attempt === 0 ? entries.slice(0, -1) : entries;
  const steps = ended.map(({ step }) => step);
  return firstBehind(plan, steps) !== null;
}
