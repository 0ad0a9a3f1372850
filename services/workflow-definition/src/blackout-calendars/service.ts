import { isDeepStrictEqual } from "node:util";
import type { Committer } from "@cadenza/messaging";
import { newId } from "@cadenza/platform";
import { checkText, requireRole, type UserError, userError } from "@cadenza/subgraph";
import { LIMITS } from "../limits.ts";
import type { RevisionWriter } from "../revisions/revision-writer.ts";
import type { Caller } from "../workflows/caller.ts";
import type { WorkflowStore } from "../workflows/store.ts";
import type { BlackoutCalendar, BlackoutCalendarStore } from "./store.ts";

export type CalendarOutcome = { blackoutCalendar: BlackoutCalendar | null; userErrors: UserError[] };

/** An organization's calendars are listed whole. */
const MAX_CALENDARS = 200;

/** Calendars that several workflows share. A change of dates reaches each of them as a new revision, like any edit. */
export class BlackoutCalendarService {
  readonly #committer: Committer;
  readonly #calendars: BlackoutCalendarStore;
  readonly #workflows: WorkflowStore;
  readonly #writer: RevisionWriter;

  constructor(options: {
    committer: Committer;
    calendars: BlackoutCalendarStore;
    workflows: WorkflowStore;
    writer: RevisionWriter;
  }) {
    this.#committer = options.committer;
    this.#calendars = options.calendars;
    this.#workflows = options.workflows;
    this.#writer = options.writer;
  }

  async create(caller: Caller, name: string, dates: readonly string[]): Promise<CalendarOutcome> {
    requireRole(caller, "MEMBER");
    checkText(name, ["name"], { max: LIMITS.name, min: 1 });
    const errors = tooMany(dates);
    if ((await this.#calendars.count(caller.scope)) >= MAX_CALENDARS) {
      errors.push(userError("TOO_MANY", `An organization has at most ${MAX_CALENDARS} blackout calendars.`));
    }
    if (errors.length > 0) return { blackoutCalendar: null, userErrors: errors };
    const at = this.#committer.clock.now();
    const calendar: BlackoutCalendar = {
      _id: newId(at),
      organizationId: caller.scope.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      name: name.trim(),
      dates: sorted(dates),
    };
    await this.#committer.commit((unit) => this.#calendars.insert(caller.scope, calendar, unit.session));
    return { blackoutCalendar: calendar, userErrors: [] };
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
    if (errors.length > 0) return { blackoutCalendar: null, userErrors: errors };
    const calendar = await this.#committer.commit(async (unit) => {
      const [present] = await this.#calendars.findMany(caller.scope, [id], unit.session);
      if (!present) return null;
      const at = this.#committer.clock.now();
      const name = input.name?.trim() ?? present.name;
      const dates = input.dates ? sorted(input.dates) : present.dates;
      const change = { name, dates, updatedAt: at };
      const updated = await this.#calendars.update(caller.scope, id, change, unit.session);
      if (isDeepStrictEqual(dates, present.dates)) return updated;
      const workflows = await this.#workflows.usingCalendar(caller.scope, id, unit.session);
      const stamp = { author: caller.actor, note: `Calendar "${name}" changed`, at };
      for (const workflow of workflows) {
        await this.#writer.next(caller.scope, workflow, workflow, stamp, unit);
      }
      return updated;
    });
    if (calendar) return { blackoutCalendar: calendar, userErrors: [] };
    const error = userError("NOT_FOUND", "There is no such blackout calendar.", ["id"]);
    return { blackoutCalendar: null, userErrors: [error] };
  }
}

function sorted(dates: readonly string[]): string[] {
  return [...new Set(dates)].sort();
}

function tooMany(dates: readonly string[]): UserError[] {
  if (dates.length <= LIMITS.dates) return [];
  return [userError("TOO_MANY", `A calendar has at most ${LIMITS.dates} dates.`, ["dates"])];
}
