import { isDeepStrictEqual } from "node:util";
import type { Actor } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import { type Clock, newId } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import type { BlackoutCalendarStore } from "../blackout-calendars/store.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { NewRevision, RevisionWriter } from "../revisions/revision-writer.ts";
import type { RevisionStore } from "../revisions/store.ts";
import type { Workflow } from "../workflows/model.ts";
import type { Concern, WorkflowStore } from "../workflows/store.ts";
import type { Rollout, RolloutCause } from "./model.ts";
import type { RolloutStore } from "./store.ts";

/** Workflows of one transaction: few enough that a concurrent save costs little to repeat. */
const BATCH_WORKFLOWS = 250;
/** Their documents together; each is copied into a revision. */
const BATCH_BYTES = 8 * 1024 * 1024;
const LEASE_MS = 10_000;
/** A save that read the old zone from crm is committed by then: no request lives longer than 10 s. */
const SETTLE_MS = 15_000;

export type RolloutsOptions = {
  rollouts: RolloutStore;
  workflows: WorkflowStore;
  revisions: RevisionStore;
  calendars: BlackoutCalendarStore;
  organizations: OrganizationStore;
  writer: RevisionWriter;
  clock: Clock;
  /** Leases live on real time. */
  realClock: Clock;
  /** Real milliseconds between the two passes of a zone's rollout (default 15,000). */
  settleMs?: number | undefined;
};

/** `MORE`: another batch is due now. `LATER`: it rests. `DONE`: no workflow is without the change. */
export type BatchOutcome = "MORE" | "LATER" | "DONE";

/** Brings a change of something shared to every workflow, a batch in a transaction. */
export class Rollouts {
  readonly #options: RolloutsOptions;

  constructor(options: RolloutsOptions) {
    this.#options = options;
  }

  /** Writes a rollout in the transaction of the change itself. @returns its id. */
  async begin(
    scope: OrganizationScope,
    what: { cause: RolloutCause; author: Actor; note: string },
    unit: UnitOfWork,
  ): Promise<string> {
    const at = this.#options.clock.now();
    const rollout: Rollout = {
      _id: newId(at),
      organizationId: scope.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      ...what,
      afterId: null,
      passesLeft: what.cause.kind === "CALENDAR" ? 0 : 1,
      leaseUntil: this.#leaseEnd(),
    };
    await this.#options.rollouts.insert(scope, rollout, unit.session);
    return rollout._id;
  }

  /** The next workflows: those whose newest revision lacks the change get a new one. */
  async batch(scope: OrganizationScope, id: string, unit: UnitOfWork): Promise<BatchOutcome> {
    const { rollouts, workflows, organizations, writer, clock } = this.#options;
    const rollout = await rollouts.find(scope, id, unit.session);
    if (!rollout) return "DONE";
    const at = clock.now();
    const zone = (await organizations.find(scope, unit.session))?.timeZone ?? null;
    const bounds = { afterId: rollout.afterId, count: BATCH_WORKFLOWS, bytes: BATCH_BYTES };
    const concern = concernOf(rollout.cause, zone);
    const affected = concern ? await workflows.affectedBy(scope, concern, bounds, unit.session) : [];
    if (affected.length === 0) return this.#endPass(scope, rollout, at, unit);
    const { revised, rezoned } =
      rollout.cause.kind === "CALENDAR"
        ? { revised: await this.#redated(scope, affected, unit), rezoned: [] }
        : inZone(affected, zone!);
    await writer.nextMany(scope, revised, { author: rollout.author, note: rollout.note, at }, unit);
    await workflows.rezone(scope, rezoned, unit.session);
    const to = { afterId: affected.at(-1)!._id, leaseUntil: this.#leaseEnd(), updatedAt: at };
    await rollouts.move(scope, id, to, unit.session);
    return "MORE";
  }

  async #endPass(scope: OrganizationScope, rollout: Rollout, at: Date, unit: UnitOfWork): Promise<BatchOutcome> {
    const { rollouts, realClock, settleMs = SETTLE_MS } = this.#options;
    if (rollout.passesLeft === 0) {
      await rollouts.remove(scope, rollout._id, unit.session);
      return "DONE";
    }
    const leaseUntil = new Date(realClock.now().getTime() + settleMs);
    const again = { afterId: null, passesLeft: rollout.passesLeft - 1, leaseUntil, updatedAt: at };
    await rollouts.move(scope, rollout._id, again, unit.session);
    return "LATER";
  }

  /** Those whose newest revision has other dates than its calendars have by now. */
  async #redated(scope: OrganizationScope, affected: readonly Workflow[], unit: UnitOfWork): Promise<NewRevision[]> {
    const { calendars, revisions } = this.#options;
    const ids = new Set(affected.flatMap(({ content }) => content.schedule?.blackoutCalendarIds ?? []));
    const found = await calendars.findMany(scope, [...ids], unit.session);
    const datesOf = new Map(found.flatMap((calendar) => (calendar ? [[calendar._id, calendar.dates]] : [])));
    const present = await revisions.blackoutDates(scope, affected, unit.session);
    return affected.flatMap((workflow, index) => {
      const { blackoutDates = [], blackoutCalendarIds = [] } = workflow.content.schedule ?? {};
      const dates = [...blackoutDates, ...blackoutCalendarIds.flatMap((id) => datesOf.get(id) ?? [])];
      const all = [...new Set(dates)].sort();
      return isDeepStrictEqual(all, present[index]) ? [] : [{ workflow, blackoutDates: all }];
    });
  }

  #leaseEnd(): Date {
    return new Date(this.#options.realClock.now().getTime() + LEASE_MS);
  }
}

function concernOf(cause: RolloutCause, zone: string | null): Concern | null {
  if (cause.kind === "CALENDAR") return { calendarId: cause.calendarId };
  return zone === null ? null : { otherZoneThan: zone };
}

/** Where there is a schedule its zone counts the days: the organization's matters once the schedule is gone (SCH-5). */
function inZone(affected: readonly Workflow[], organizationTimeZone: string) {
  const moved = affected.map((workflow) => ({ ...workflow, organizationTimeZone }));
  return {
    revised: moved.flatMap((workflow) => (workflow.content.schedule ? [] : [{ workflow, blackoutDates: [] }])),
    rezoned: moved.filter(({ content }) => content.schedule !== null),
  };
}
