import { type SubjectMoves, subjectUpdates } from "@cadenza/messaging";
import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import { type CallDocument, CALLS_COLLECTION } from "./call.ts";

export class CallStore {
  readonly #calls: TenantCollection<CallDocument>;

  constructor(database: Database) {
    this.#calls = database.tenant(CALLS_COLLECTION);
  }

  findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(CallDocument | null)[]> {
    return this.#calls.findByIds(scope, ids, session);
  }

  /** Newest first. @param after id of the call behind which the page begins. */
  ofLead(
    scope: OrganizationScope,
    leadId: string,
    { after, limit }: { after: string | null; limit: number },
  ): Promise<CallDocument[]> {
    const filter = (after ? { leadId, _id: { $lt: after } } : { leadId }) as Filter<CallDocument>;
    return this.#calls.find(scope, filter, { sort: { _id: -1 }, limit });
  }

  async insert(scope: OrganizationScope, call: CallDocument, session: Session): Promise<void> {
    await this.#calls.insertMany(scope, [call], session);
  }

  /** What named a merged lead or contact names the one that stays (RUN-9). */
  async moveSubjects(scope: OrganizationScope, moves: SubjectMoves, session: Session): Promise<void> {
    const operations = subjectUpdates(moves).map(({ filter, set }) => ({
      updateMany: { filter: filter as Filter<CallDocument>, update: { $set: set } },
    }));
    await this.#calls.bulkWrite(scope, operations, session);
  }
}
