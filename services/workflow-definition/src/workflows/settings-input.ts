import type { Definition, Exclusivity, Schedule } from "@cadenza/contracts";
import { checkText, type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import type { Given } from "../steps/given.ts";
import { type GoalsInput, readGoals } from "./goals-input.ts";
import type { WorkflowContent, WorkflowSchedule } from "./model.ts";
import { readTrigger, type TriggerInput } from "./trigger-input.ts";

export type ScheduleInput = {
  zoneMode?: Given<Schedule["zoneMode"]>;
  timeZone: string;
  ranges: Schedule["ranges"];
  blackoutDates?: Given<string[]>;
  blackoutCalendarIds?: Given<string[]>;
};
/** What creating and updating a workflow have in common. */
export type SettingsInput = {
  name?: Given<string>;
  description?: Given<string>;
  ownerId?: Given<string>;
  trigger?: Given<TriggerInput>;
  recipient?: Given<Definition["recipient"]>;
  schedule?: Given<ScheduleInput>;
  goals?: Given<GoalsInput>;
  reentry?: Given<{ mode: Definition["reentry"]["mode"]; minimumDaysSinceLastStart?: Given<number> }>;
  exclusivity?: Given<{ group: string; onConflict?: Given<Exclusivity["onConflict"]> }>;
};

/** Settings that `clear` may name, and what they are then. */
const CLEARED = { trigger: null, schedule: null, exclusivity: null, description: null } as const;
/** A hundred years: beyond it every number means the same. */
const MAX_REENTRY_DAYS = 36_500;

export type Settings = Omit<WorkflowContent, "places">;

/**
 * `present` with what the input gives; null and left out both leave a setting as it is.
 * @throws BAD_USER_INPUT for texts that are too long or blank.
 */
export function readSettings(
  present: Settings,
  input: SettingsInput,
  clear: readonly string[],
  errors: UserError[],
): Settings {
  const { name, description, ownerId, trigger, recipient, schedule, goals, reentry, exclusivity } = input;
  const next = { ...present };
  if (name !== null && name !== undefined) {
    next.name = checkText(name, ["input", "name"], { max: LIMITS.name, min: 1 }).trim();
  }
  if (description !== null && description !== undefined) {
    next.description = checkText(description, ["input", "description"], { max: LIMITS.description }) || null;
  }
  if (ownerId !== null && ownerId !== undefined) next.ownerId = ownerId;
  if (trigger) next.trigger = readTrigger(trigger, ["input", "trigger"], errors);
  if (recipient) next.recipient = recipient;
  if (schedule) next.schedule = readSchedule(schedule, ["input", "schedule"], errors);
  if (goals) next.goals = readGoals(goals, ["input", "goals"], errors);
  if (reentry) next.reentry = readReentry(reentry, ["input", "reentry"], errors);
  if (exclusivity) next.exclusivity = readExclusivity(exclusivity, ["input", "exclusivity"]);
  for (const [index, setting] of clear.entries()) {
    const path = ["input", "clear", String(index)];
    if (!(setting in CLEARED) || !Object.hasOwn(CLEARED, setting)) {
      errors.push(userError("UNKNOWN_SETTING", `Only ${Object.keys(CLEARED).join(", ")} can be cleared.`, path));
    } else if (input[setting as keyof typeof CLEARED]) {
      errors.push(userError("SET_AND_CLEARED", `${setting} is given and cleared at once.`, path));
    } else Object.assign(next, { [setting]: null });
  }
  return next;
}

function readSchedule(input: ScheduleInput, path: readonly string[], errors: UserError[]): WorkflowSchedule {
  const { ranges, timeZone, zoneMode } = input;
  const dates = input.blackoutDates ?? [];
  const calendars = input.blackoutCalendarIds ?? [];
  const tooMany = (what: string, count: number, most: number, field: string): void => {
    if (count > most) errors.push(userError("TOO_MANY", `A schedule has at most ${most} ${what}.`, [...path, field]));
  };
  tooMany("ranges", ranges.length, LIMITS.ranges, "ranges");
  tooMany("blackout dates", dates.length, LIMITS.dates, "blackoutDates");
  tooMany("blackout calendars", calendars.length, LIMITS.calendars, "blackoutCalendarIds");
  return {
    zoneMode: zoneMode ?? "WORKFLOW",
    timeZone,
    ranges: ranges.map(({ weekday, start, end }) => ({ weekday, start, end })),
    blackoutDates: [...new Set(dates)].sort(),
    blackoutCalendarIds: [...new Set(calendars)],
  };
}

function readReentry(
  input: NonNullable<SettingsInput["reentry"]>,
  path: readonly string[],
  errors: UserError[],
): Definition["reentry"] {
  const days = input.minimumDaysSinceLastStart ?? 0;
  if (days < 0 || days > MAX_REENTRY_DAYS) {
    const message = `The days between two starts are from 0 to ${MAX_REENTRY_DAYS}.`;
    errors.push(userError("OUT_OF_RANGE", message, [...path, "minimumDaysSinceLastStart"]));
  }
  return { mode: input.mode, minimumDaysSinceLastStart: days };
}

/** Workflows are of one group when its name is the same but for blanks around it. */
function readExclusivity(input: NonNullable<SettingsInput["exclusivity"]>, path: readonly string[]): Exclusivity {
  const group = checkText(input.group, [...path, "group"], { max: LIMITS.exclusivityGroup, min: 1 }).trim();
  return { group, onConflict: input.onConflict ?? "SKIP" };
}
