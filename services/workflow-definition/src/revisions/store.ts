import type { Database, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import { type Revision, revisionId, type Workflow } from "../workflows/model.ts";
import { withPresentContent } from "../workflows/present-content.ts";

export const REVISION_INDEXES: IndexDefinition[] = [
  { collection: "revisions", key: { organizationId: 1, workflowId: 1, number: -1 }, options: { name: "byWorkflow" } },
];

/** Revisions are inserted and read, nothing else (WF-3). */
export class RevisionStore {
  readonly #revisions: TenantCollection<Revision>;

  constructor(database: Database) {
    this.#revisions = database.tenant("revisions");
  }

  async find(scope: OrganizationScope, workflowId: string, number: number): Promise<Revision | null> {
    const found = await this.#revisions.findOne(scope, { _id: revisionId(workflowId, number) });
    return found && withPresentContent(found);
  }

  /** Newest first, those before number `before`. */
  async list(scope: OrganizationScope, workflowId: string, before: number | null, limit: number): Promise<Revision[]> {
    const filter = before === null ? { workflowId } : { workflowId, number: { $lt: before } };
    return (await this.#revisions.find(scope, filter, { sort: { number: -1 }, limit })).map(withPresentContent);
  }

  /** Of the newest revision of each: the dates it has from everywhere; null where there is none. */
  async blackoutDates(
    scope: OrganizationScope,
    workflows: readonly Workflow[],
    session: Session,
  ): Promise<(string[] | null)[]> {
    const ids = workflows.map(({ _id, revision }) => revisionId(_id, revision));
    const projection = { _id: 1, organizationId: 1, blackoutDates: 1 };
    const found = await this.#revisions.find(scope, { _id: { $in: ids } }, { projection }, session);
    const byId = new Map(found.map(({ _id, blackoutDates }) => [_id, blackoutDates]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async insertMany(scope: OrganizationScope, revisions: readonly Revision[], session: Session): Promise<void> {
    await this.#revisions.insertMany(scope, revisions, session);
  }
}
