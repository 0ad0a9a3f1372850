import type {
  BulkOperation,
  Collection,
  Database,
  OrganizationScope,
  Session,
  TenantCollection,
} from "@cadenza/storage";
import { shardOf } from "@cadenza/storage";
import type { SubjectNews } from "./news-of.ts";
import { AT_ONCE, type Subject } from "./subject.ts";

/** Merges one behind another that are followed: more than anybody makes of one contact. */
const MAX_CHAIN = 100;

export class SubjectStore {
  readonly #subjects: TenantCollection<Subject>;
  readonly #all: Collection<Subject>;

  constructor(database: Database) {
    this.#subjects = database.tenant<Subject>("subjects");
    this.#all = database.system<Subject>("subjects", "The owner of a shard sees to subjects of all organizations.");
  }

  async hear(scope: OrganizationScope, news: readonly SubjectNews[], session: Session): Promise<void> {
    const operations = news.map((one) => (one.kind === "gone" ? goes(one) : changesLead(one)));
    await this.#subjects.bulkWrite(scope, operations as unknown as BulkOperation<Subject>[], session);
  }

  /** Which of these leads and contacts were deleted or merged into others. */
  async gone(scope: OrganizationScope, ids: readonly string[], session: Session): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const filter = { _id: { $in: [...new Set(ids)] }, isGone: true };
    const found = await this.#subjects.find(scope, filter, { projection: { _id: 1 } }, session);
    return new Set(found.map(({ _id }) => _id));
  }

  /** What was heard of these, and of everything that they were merged into. */
  async follow(scope: OrganizationScope, ids: readonly string[], session: Session): Promise<Map<string, Subject>> {
    const known = new Map<string, Subject>();
    let open = [...new Set(ids)];
    for (let depth = 0; open.length > 0 && depth < MAX_CHAIN; depth++) {
      const found = await this.#subjects.find(scope, { _id: { $in: open } }, {}, session);
      for (const subject of found) known.set(subject._id, subject);
      const next = found.flatMap(({ into, leadId }) => [into?.id, into?.leadId, leadId]);
      open = [...new Set(next)].filter((id) => typeof id === "string" && !known.has(id)) as string[];
    }
    return known;
  }

  /** Those whose runs are to be looked at, the longest waiting first. */
  async due(shards: readonly number[], until: Date, limit: number): Promise<Pick<Subject, "_id" | "organizationId">[]> {
    const filter = { shard: { $in: [...shards] }, dueAt: { $gte: AT_ONCE, $lte: until } };
    const options = { projection: { organizationId: 1 }, sort: { dueAt: 1 as const }, limit };
    return (await this.#all.find(filter, options).toArray()) as Pick<Subject, "_id" | "organizationId">[];
  }

  async setDue(scope: OrganizationScope, ids: readonly string[], dueAt: Date | null, session?: Session): Promise<void> {
    if (ids.length > 0)
      await this.#subjects.updateMany(scope, { _id: { $in: [...ids] } }, { $set: { dueAt } }, session);
  }

  /** Subjects of which something was heard that their runs do not show yet. */
  async countUnsettled(): Promise<number> {
    return this.#all.countDocuments({ dueAt: AT_ONCE }, { limit: 1000 });
  }
}

function goes({ id, object, into, actor }: Extract<SubjectNews, { kind: "gone" }>) {
  const $set = { object, isGone: true, into, actor, shard: shardOf(id), dueAt: AT_ONCE };
  const update = { $set, $setOnInsert: { leadId: null, leadVersion: 0 } };
  return { updateOne: { filter: { _id: id }, update, upsert: true } };
}

/** The newest word counts, in whatever order it is heard. */
function changesLead({ id, leadId, version, actor }: Extract<SubjectNews, { kind: "changedLead" }>) {
  const isNewer = { $lt: [{ $ifNull: ["$leadVersion", 0] }, version] };
  const $set = {
    object: "CONTACT",
    isGone: { $ifNull: ["$isGone", false] },
    into: { $ifNull: ["$into", null] },
    leadId: { $cond: [isNewer, leadId, "$leadId"] },
    leadVersion: { $max: ["$leadVersion", version] },
    actor: { $ifNull: ["$actor", { $literal: actor }] },
    shard: shardOf(id),
    dueAt: AT_ONCE,
  };
  return { updateOne: { filter: { _id: id }, update: [{ $set }], upsert: true } };
}
