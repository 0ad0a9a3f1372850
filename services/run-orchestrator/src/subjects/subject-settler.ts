import type { Actor, Reason } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import { realClock } from "@cadenza/platform";
import type { BulkOperation, Database, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Engine } from "../engine/engine.ts";
import type { Input } from "../runs/decide.ts";
import type { Rival } from "../runs/run-repository.ts";
import { endedByMerge } from "./merge-plan.ts";
import type { Place, Subject } from "./subject.ts";
import { type Named, type NamedRun, runsOf, waysTo } from "./subject-runs.ts";
import type { SubjectStore } from "./subject-store.ts";
import { whereaboutsOf } from "./whereabouts.ts";

/** Runs of one transaction; those that a merge ends on the other side come on top. */
const MAX_RUNS = 100;
const MAX_REFUSALS = 500;
/**
 * A start, or another merge, that had read the contact before it was gone may be committed after its runs were looked for.
 * MongoDB ends every transaction after 60 s or less, so what is looked for once more after this is all there will be.
 */
const LAST_LOOK_AFTER_MS = 90_000;
/** Runs that could not be moved are tried again. */
const AGAIN_AFTER_MS = 60_000;

type Refusal = Named & { organizationId: string };
type Settled = { run: NamedRun; place: Place; actor: Actor };
type Move = { runId: string; input: Input };

export type SubjectSettlerOptions = {
  database: Database;
  engine: Engine;
  subjects: SubjectStore;
  /** When runs are looked for once more (default 90,000 ms). */
  lastLookAfterMs?: number;
};

/** Makes runs and refused starts follow their leads and contacts, and ends those whose subject is no more (RUN-9). */
export class SubjectSettler {
  readonly #options: SubjectSettlerOptions;
  readonly #refusals: TenantCollection<Refusal>;

  constructor(options: SubjectSettlerOptions) {
    this.#options = options;
    this.#refusals = options.database.tenant<Refusal>("startRefusals");
  }

  /** One page, in one transaction. What is done shows in the runs alone, so that a page done twice does nothing more. */
  async settle(unit: UnitOfWork, scope: OrganizationScope, ids: readonly string[]): Promise<void> {
    const { engine, subjects } = this.#options;
    const heard = await subjects.follow(scope, ids, unit.session);
    const due = ids.flatMap((id) => heard.get(id) ?? []).filter(({ dueAt }) => dueAt !== null);
    if (due.length === 0) return;
    const ways = waysTo(due, heard);
    const runs = await runsOf(engine.runs.tenant, scope, ways, MAX_RUNS, unit.session);
    const known = await this.#known(scope, runs, heard, unit.session);
    const isStuck = await this.#moveRuns(unit, scope, runs, known);
    const isWhole = await this.#moveRefusals(scope, ways.merged, heard, unit.session);
    if (isStuck) return this.#later(scope, due, AGAIN_AFTER_MS, unit.session);
    if (runs.length === MAX_RUNS || !isWhole) return;
    const [first, last] = [due.filter(isFirstLook), due.filter((subject) => !isFirstLook(subject))];
    await this.#later(scope, first, this.#options.lastLookAfterMs ?? LAST_LOOK_AFTER_MS, unit.session);
    await subjects.setDue(scope, idsOf(last), null, unit.session);
  }

  /** What was heard of the leads and contacts of all these, beside what is known. */
  async #known(
    scope: OrganizationScope,
    named: readonly Pick<Named, "leadId" | "contactId">[],
    heard: ReadonlyMap<string, Subject>,
    session: Session,
  ): Promise<Map<string, Subject>> {
    const ids = new Set(named.flatMap(({ leadId, contactId }) => [leadId, contactId]));
    const more = await this.#options.subjects.follow(
      scope,
      [...ids].filter((id) => !heard.has(id)),
      session,
    );
    return new Map([...heard, ...more]);
  }

  /** @returns whether some could not be moved. */
  async #moveRuns(
    unit: UnitOfWork,
    scope: OrganizationScope,
    runs: readonly NamedRun[],
    known: ReadonlyMap<string, Subject>,
  ): Promise<boolean> {
    const moving: Settled[] = [];
    const ended: Move[] = [];
    for (const run of runs) {
      const where = whereaboutsOf({ id: run.contactId, leadId: run.leadId }, known);
      if (where.kind === "gone" && run.open) ended.push(cancel(run._id, where.actor, DELETED[where.object]));
      else moving.push({ run, place: placeOf(run, known), actor: actorOf(run, known) });
    }
    const joining = moving.filter(({ run, place }) => run.contactId !== place.id);
    ended.push(...(await this.#endedByMerge(scope, joining, unit.session)));
    const { engine } = this.#options;
    // Before others come beside them: of what is open the indexes admit one.
    const ends = ended.length > 0 ? await engine.moveIn(unit, scope, ended) : new Map();
    const ordinals = await this.#ordinals(scope, joining, unit.session);
    const moves = moving.map(({ run, place }): Move => {
      const ordinal = run.contactId === place.id ? run.ordinal : ordinals(place.id, run.workflowId);
      return { runId: run._id, input: { kind: "subjectMoved", leadId: place.leadId, contactId: place.id, ordinal } };
    });
    const moved = moves.length > 0 ? await engine.moveIn(unit, scope, moves) : new Map();
    return [...ends.values(), ...moved.values()].some((result) => !result || "refused" in result);
  }

  async #endedByMerge(scope: OrganizationScope, joining: readonly Settled[], session: Session): Promise<Move[]> {
    const open = joining.filter(({ run }) => run.open);
    if (open.length === 0) return [];
    const query = {
      contactIds: [...new Set(open.map(({ place }) => place.id))],
      workflowIds: [...new Set(open.map(({ run }) => run.workflowId))],
      groups: [...new Set(open.flatMap(({ run }) => run.exclusivityGroup ?? []))],
    };
    const residents = await this.#options.engine.runs.rivals(scope.organizationId, query, session);
    return query.contactIds.flatMap((contactId) => {
      const coming = open.filter(({ place }) => place.id === contactId);
      const beside: Rival[] = residents.filter((run) => run.contactId === contactId);
      const ended = endedByMerge([...coming.map(({ run }) => run), ...beside]);
      return [...ended].map(([runId, reason]) => cancel(runId, coming[0]!.actor, reason));
    });
  }

  /** Gives out the next free places among a contact's runs of a workflow (ENR-1): earlier runs come along as history. */
  async #ordinals(scope: OrganizationScope, joining: readonly Settled[], session: Session) {
    const last = new Map<string, number>();
    if (joining.length > 0) {
      const contactIds = [...new Set(joining.map(({ place }) => place.id))];
      const workflowIds = [...new Set(joining.map(({ run }) => run.workflowId))];
      const found = await this.#options.engine.runs.tenant.aggregate<{ _id: Key; last: number }>(
        scope,
        [
          { $match: { workflowId: { $in: workflowIds }, contactId: { $in: contactIds } } },
          { $group: { _id: { contactId: "$contactId", workflowId: "$workflowId" }, last: { $max: "$ordinal" } } },
        ],
        session,
      );
      for (const { _id, last: ordinal } of found) last.set(`${_id.contactId} ${_id.workflowId}`, ordinal);
    }
    return (contactId: string, workflowId: string): number => {
      const key = `${contactId} ${workflowId}`;
      const next = (last.get(key) ?? 0) + 1;
      last.set(key, next);
      return next;
    };
  }

  /** @returns whether all are moved. */
  async #moveRefusals(
    scope: OrganizationScope,
    ways: ReturnType<typeof waysTo>["merged"],
    heard: ReadonlyMap<string, Subject>,
    session: Session,
  ): Promise<boolean> {
    let left = MAX_REFUSALS;
    const found: Refusal[] = [];
    // One after another: operations of one transaction cannot run side by side.
    for (const way of ways) {
      if (left <= 0) break;
      const options = { projection: { leadId: 1, contactId: 1 }, limit: left };
      const page = await this.#refusals.find(scope, way as never, options, session);
      found.push(...page);
      left -= page.length;
    }
    if (found.length === 0) return true;
    const known = await this.#known(scope, found, heard, session);
    const operations = found.map(({ _id, leadId, contactId }): BulkOperation<Refusal> => {
      const place = placeOf({ contactId: contactId ?? "", leadId }, known);
      const set = { leadId: place.leadId, ...(contactId === null ? {} : { contactId: place.id }) };
      return { updateOne: { filter: { _id }, update: { $set: set } } };
    });
    await this.#refusals.bulkWrite(scope, operations, session);
    return left > 0;
  }

  async #later(scope: OrganizationScope, due: readonly Subject[], ms: number, session: Session): Promise<void> {
    const at = new Date(realClock.now().getTime() + ms);
    await this.#options.subjects.setDue(scope, idsOf(due), at, session);
  }
}

type Key = { contactId: string; workflowId: string };

const DELETED: Record<"LEAD" | "CONTACT", Reason> = {
  LEAD: { code: "SUBJECT_DELETED", message: "The lead was deleted." },
  CONTACT: { code: "SUBJECT_DELETED", message: "The contact was deleted." },
};

function cancel(runId: string, actor: Actor, reason: Reason): Move {
  return { runId, input: { kind: "cancel", actor, reason } };
}

/** What is over stays with a contact that was deleted, whatever has become of its lead. */
function placeOf({ contactId, leadId }: Omit<Named, "_id">, known: ReadonlyMap<string, Subject>): Place {
  const where = whereaboutsOf({ id: contactId, leadId }, known);
  if (where.kind === "there") return where.place;
  const lead = whereaboutsOf({ id: "", leadId }, known);
  return { id: contactId, leadId: lead.kind === "there" ? lead.place.leadId : leadId };
}

/** Who merged. */
function actorOf({ contactId, leadId }: Omit<Named, "_id">, known: ReadonlyMap<string, Subject>): Actor {
  return (known.get(contactId)?.actor ?? known.get(leadId)?.actor)!;
}

function isFirstLook({ dueAt }: Subject): boolean {
  return dueAt?.getTime() === 0;
}

function idsOf(subjects: readonly Subject[]): string[] {
  return subjects.map(({ _id }) => _id);
}
