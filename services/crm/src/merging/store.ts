import type { Database, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

/** Of a lead or contact that is gone: what it went into. */
type Merge = { _id: string; organizationId: string; into: string; createdAt: Date };

/** Merges one behind another that are followed: more than anybody makes of one contact. */
const MAX_CHAIN = 100;

export class MergeStore {
  readonly #merges: TenantCollection<Merge>;

  constructor(database: Database) {
    this.#merges = database.tenant("merges");
  }

  async keep(scope: OrganizationScope, { from, into }: { from: string; into: string }, at: Date, session: Session) {
    const merge = { _id: from, organizationId: scope.organizationId, into, createdAt: at };
    await this.#merges.insertMany(scope, [merge], session);
  }

  /** Where those of the ids that were merged have gone, by their id; through as many merges as there were. */
  async endsOf(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<Map<string, string>> {
    const into = new Map<string, string>();
    let open = [...new Set(ids)];
    for (let depth = 0; open.length > 0 && depth < MAX_CHAIN; depth++) {
      const found = await this.#merges.find(scope, { _id: { $in: open } }, {}, session);
      for (const merge of found) into.set(merge._id, merge.into);
      open = [...new Set(found.map((merge) => merge.into))].filter((id) => !into.has(id));
    }
    return new Map(ids.flatMap((id) => (into.has(id) ? [[id, endOf(id, into)] as const] : [])));
  }
}

function endOf(id: string, into: ReadonlyMap<string, string>): string {
  let end = id;
  for (let steps = 0; steps < MAX_CHAIN && into.has(end); steps++) end = into.get(end)!;
  return end;
}
