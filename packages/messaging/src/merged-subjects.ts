import type { CrmChange } from "@cadenza/contracts";
import type { BulkOperation, Database, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

type Place = { id: string; leadId: string };
/** Where a lead or contact went; null for one that others went into and that is still there. */
type Merged = { _id: string; organizationId: string; into: Place | null; holds: number };

/** Merges one behind another that are followed: more than anybody makes of one contact. */
const MAX_CHAIN = 100;

/** What documents that name leads and contacts have to name instead; `to` is what is there in the end. */
export type SubjectMoves = {
  leads: { from: string; to: string }[];
  contacts: { from: string; to: Place }[];
};

/**
 * What merges mean for another service's documents that name leads and contacts (RUN-9). It keeps where everything went, so
 * that of two merges one behind the other the first may be heard of last: what it moves then goes on to where the second
 * one led. Leads and contacts share one space of ids.
 */
export class MergedSubjects {
  readonly #merged: TenantCollection<Merged>;

  constructor(database: Database) {
    this.#merged = database.tenant("mergedSubjects");
  }

  /**
   * @param session of the transaction in which the documents are moved.
   * @returns null where the changes hold no merge.
   */
  async movesOf(
    scope: OrganizationScope,
    changes: readonly CrmChange[],
    session: Session,
  ): Promise<SubjectMoves | null> {
    const merges = changes.flatMap(({ object, id, mergedInto }) =>
      mergedInto ? [{ object, id, into: mergedInto }] : [],
    );
    if (merges.length === 0) return null;
    await this.#keep(scope, merges, session);
    const targets = merges.flatMap(({ into }) => [into.id, into.leadId]);
    const known = await this.#follow(scope, targets, session);
    const of = (kind: CrmChange["object"]) => merges.filter(({ object }) => object === kind);
    return {
      leads: of("LEAD").map(({ id, into }) => ({ from: id, to: endOf(into, known).id })),
      contacts: of("CONTACT").map(({ id, into }) => ({ from: id, to: endOf(into, known) })),
    };
  }

  /** A target is written too: a transaction that sends it on at the same moment comes before or after this one. */
  async #keep(
    scope: OrganizationScope,
    merges: readonly { id: string; into: Place }[],
    session: Session,
  ): Promise<void> {
    const intoOf = new Map(merges.map(({ id, into }) => [id, into]));
    const targets = new Set(merges.flatMap(({ into }) => [into.id, into.leadId]));
    const operations = [...new Set([...intoOf.keys(), ...targets])].map((id) => {
      const into = intoOf.get(id);
      const update = into ? { $set: { into } } : { $setOnInsert: { into: null } };
      return { updateOne: { filter: { _id: id }, update: { ...update, $inc: { holds: 1 } }, upsert: true } };
    });
    await this.#merged.bulkWrite(scope, operations as unknown as BulkOperation<Merged>[], session);
  }

  async #follow(scope: OrganizationScope, ids: readonly string[], session: Session): Promise<Map<string, Place>> {
    const known = new Map<string, Place>();
    let open = [...new Set(ids)];
    for (let depth = 0; open.length > 0 && depth < MAX_CHAIN; depth++) {
      const found = await this.#merged.find(scope, { _id: { $in: open } }, {}, session);
      const next = found.flatMap(({ into }) => (into ? [into.id, into.leadId] : []));
      for (const { _id, into } of found) if (into) known.set(_id, into);
      open = [...new Set(next)].filter((id) => !known.has(id));
    }
    return known;
  }
}

/** The moves as updates of documents with `leadId` and `contactId`, in any order; done twice they change nothing more. */
export function subjectUpdates(moves: SubjectMoves): SubjectUpdate[] {
  return [
    ...moves.contacts.map(({ from, to }) => {
      return { filter: { contactId: from }, set: { contactId: to.id, leadId: to.leadId } };
    }),
    ...moves.leads.map(({ from, to }) => ({ filter: { leadId: from }, set: { leadId: to } })),
  ];
}
export type SubjectUpdate = {
  filter: { contactId?: string; leadId?: string };
  set: { contactId?: string; leadId: string };
};

function endOf(place: Place, known: ReadonlyMap<string, Place>): Place {
  let [end, leadId] = [place, place.leadId];
  for (let steps = 0; steps < MAX_CHAIN && known.has(end.id); steps++) {
    end = known.get(end.id)!;
    leadId = end.leadId;
  }
  for (let steps = 0; steps < MAX_CHAIN && known.has(leadId); steps++) leadId = known.get(leadId)!.id;
  return { id: end.id, leadId };
}
