import { isDeepStrictEqual } from "node:util";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { newId } from "@cadenza/platform";
import { isDuplicateKey } from "@cadenza/storage";
import { checkText, requireRole, type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import { nameKey } from "../name-key.ts";
import type { Rollouts } from "../rollouts/rollouts.ts";
import type { RolloutWorker } from "../rollouts/worker.ts";
import type { Caller } from "../workflows/caller.ts";
import type { BlackoutCalendar, BlackoutCalendarStore } from "./store.ts";

export type CalendarOutcome = { blackoutCalendar: BlackoutCalendar | null; userErrors: UserError[] };

/** An organization's calendars are listed whole. */
const MAX_CALENDARS = 200;

/** How long a change waits for the workflows that use it: a request has 10 s. What remains goes on by itself. */
const ROLLOUT_PATIENCE_MS = 7000;

export type BlackoutCalendarOptions = {
  committer: Committer;
  calendars: BlackoutCalendarStore;
  rollouts: Rollouts;
  worker: RolloutWorker;
};

/** Calendars that several workflows share. A change of dates reaches each of them as a new revision, like any edit. */
export class BlackoutCalendarService {
  readonly #options: BlackoutCalendarOptions;

  constructor(options: BlackoutCalendarOptions) {
    this.#options = options;
  }

  async create(caller: Caller, name: string, dates: readonly string[]): Promise<CalendarOutcome> {
    requireRole(caller, "MEMBER");
    checkText(name, ["name"], { max: LIMITS.name, min: 1 });
    const { committer, calendars } = this.#options;
    const errors = tooMany(dates);
    if ((await calendars.count(caller.scope)) >= MAX_CALENDARS) {
      errors.push(userError("TOO_MANY", `An organization has at most ${MAX_CALENDARS} blackout calendars.`));
    }
    if (errors.length > 0) return refused(...errors);
    const at = committer.clock.now();
    const calendar: BlackoutCalendar = {
      _id: newId(at),
      organizationId: caller.scope.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      name: name.trim(),
      nameKey: nameKey(name),
      dates: sorted(dates),
    };
    return unlessNameTaken(async () => {
      await committer.commit((unit) => calendars.insert(caller.scope, calendar, unit.session));
      return { blackoutCalendar: calendar, userErrors: [] };
    });
  }

  /** An admin's: it changes the workflows of others. What is null or left out stays. */
  async update(
    caller: Caller,
    id: string,
    input: { name?: string | null; dates?: readonly string[] | null },
  ): Promise<CalendarOutcome> {
    requireRole(caller, "ADMIN");
    if (typeof input.name === "string") checkText(input.name, ["name"], { max: LIMITS.name, min: 1 });
    const errors = tooMany(input.dates ?? []);
    if (errors.length > 0) return refused(...errors);
    return unlessNameTaken(async () => {
      const { committer, worker } = this.#options;
      const saved = await committer.commit((unit) => this.#save(caller, id, input, unit));
      if (!saved) return refused(userError("NOT_FOUND", "There is no such blackout calendar.", ["id"]));
      if (saved.rolloutId) await worker.carryWithin(caller.scope, saved.rolloutId, ROLLOUT_PATIENCE_MS);
      return { blackoutCalendar: saved.calendar, userErrors: [] };
    });
  }

  async #save(
    { scope, actor }: Caller,
    id: string,
    input: { name?: string | null; dates?: readonly string[] | null },
    unit: UnitOfWork,
  ): Promise<{ calendar: BlackoutCalendar; rolloutId: string | null } | null> {
    const { committer, calendars, rollouts } = this.#options;
    const [present] = await calendars.findMany(scope, [id], unit.session);
    if (!present) return null;
    const name = input.name?.trim() ?? present.name;
    const dates = input.dates ? sorted(input.dates) : present.dates;
    const hasSameDates = isDeepStrictEqual(dates, present.dates);
    if (hasSameDates && name === present.name) return { calendar: present, rolloutId: null };
    const named = typeof input.name === "string" ? { nameKey: nameKey(name) } : {};
    const change = { name, ...named, dates, updatedAt: committer.clock.now() };
    const calendar = await calendars.update(scope, id, change, unit.session);
    if (!calendar) return null;
    if (hasSameDates) return { calendar, rolloutId: null };
    const cause = { kind: "CALENDAR", calendarId: id } as const;
    const rolloutId = await rollouts.begin(scope, { cause, author: actor, note: `Calendar "${name}" changed` }, unit);
    return { calendar, rolloutId };
  }
}

function refused(...userErrors: UserError[]): CalendarOutcome {
  return { blackoutCalendar: null, userErrors };
}

/** The index decides, so that of two at once only one gets the name. */
async function unlessNameTaken(save: () => Promise<CalendarOutcome>): Promise<CalendarOutcome> {
  try {
    return await save();
  } catch (error) {
    if (!isDuplicateKey(error, "byName")) throw error;
    return refused(userError("NAME_TAKEN", "Another blackout calendar has this name already.", ["name"]));
  }
}

function sorted(dates: readonly string[]): string[] {
  return [...new Set(dates)].sort();
}

function tooMany(dates: readonly string[]): UserError[] {
  if (new Set(dates).size <= LIMITS.dates) return [];
  return [userError("TOO_MANY", `A calendar has at most ${LIMITS.dates} dates.`, ["dates"])];
}
