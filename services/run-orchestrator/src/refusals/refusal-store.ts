import type { Reason, TriggerEvent } from "@cadenza/contracts";
import type { Database, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

/** A start that an event asked for and that was refused (TRG-5). */
export type StartRefusal = {
  /** What the run's id would have been: refused twice is refused once. */
  _id: string;
  organizationId: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  workflowId: string;
  at: Date;
  leadId: string;
  contactId: string | null;
  event: TriggerEvent;
  reason: Reason;
};

/** Where a refusal stands in the list. */
export type RefusalPlace = { at: Date; id: string };

const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

export const REFUSAL_INDEXES: IndexDefinition[] = [
  {
    collection: "startRefusals",
    key: { organizationId: 1, workflowId: 1, at: -1, _id: -1 },
    options: { name: "newestOfWorkflow" },
  },
  { collection: "startRefusals", key: { at: 1 }, options: { name: "expiry", expireAfterSeconds: KEPT_DAYS * 86_400 } },
];

export class RefusalStore {
  readonly #refusals: TenantCollection<StartRefusal>;

  constructor(database: Database) {
    this.#refusals = database.tenant<StartRefusal>("startRefusals");
  }

  /** Which of these starts were refused before. */
  async existing(scope: OrganizationScope, ids: readonly string[], session: Session): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const found = await this.#refusals.find(scope, { _id: { $in: [...ids] } }, { projection: { _id: 1 } }, session);
    return new Set(found.map(({ _id }) => _id));
  }

  async insert(scope: OrganizationScope, refusals: readonly StartRefusal[], session: Session): Promise<void> {
    await this.#refusals.insertMany(scope, refusals, session);
  }

  /**
   * Of the last 30 days, newest first. MongoDB removes what is older by the machine's clock, which a test clock runs ahead of.
   * @param after the refusal behind which the page begins; null for the first page.
   */
  async newest(
    scope: OrganizationScope,
    query: { workflowId: string; after: RefusalPlace | null; limit: number; now: Date },
  ): Promise<StartRefusal[]> {
    const { workflowId, after, limit, now } = query;
    const since = new Date(now.getTime() - KEPT_DAYS * DAY_MS);
    const behind = after && { $or: [{ at: { $lt: after.at } }, { at: after.at, _id: { $lt: after.id } }] };
    const until = after ? { $lte: after.at } : {};
    const filter = { workflowId, at: { $gt: since, ...until }, ...behind };
    return this.#refusals.find(scope, filter, { sort: { at: -1, _id: -1 }, limit });
  }
}
