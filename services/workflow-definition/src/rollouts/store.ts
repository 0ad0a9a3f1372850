import type {
  Collection,
  Database,
  IndexDefinition,
  OrganizationScope,
  Session,
  TenantCollection,
} from "@cadenza/storage";
import type { Rollout } from "./model.ts";

export const ROLLOUT_INDEXES: IndexDefinition[] = [
  { collection: "rollouts", key: { organizationId: 1, _id: 1 }, options: { name: "byOrganization" } },
  { collection: "rollouts", key: { leaseUntil: 1 }, options: { name: "waiting" } },
];

export class RolloutStore {
  readonly #rollouts: TenantCollection<Rollout>;
  readonly #all: Collection<Rollout>;

  constructor(database: Database) {
    this.#rollouts = database.tenant("rollouts");
    this.#all = database.system(
      "rollouts",
      "Whoever is free goes on with what another process left, of any organization.",
    );
  }

  async insert(scope: OrganizationScope, rollout: Rollout, session: Session): Promise<void> {
    await this.#rollouts.insertMany(scope, [rollout], session);
  }

  async find(scope: OrganizationScope, id: string, session: Session): Promise<Rollout | null> {
    return this.#rollouts.findOne(scope, { _id: id }, session);
  }

  /** Within the transaction of the batch: of two processes at one rollout, one conflicts and looks again. */
  async move(
    scope: OrganizationScope,
    id: string,
    to: Partial<Pick<Rollout, "afterId" | "passesLeft" | "leaseUntil" | "updatedAt">>,
    session: Session,
  ): Promise<void> {
    await this.#rollouts.updateOne(scope, { _id: id }, { $set: to, $inc: { version: 1 } }, session);
  }

  async remove(scope: OrganizationScope, id: string, session: Session): Promise<void> {
    await this.#rollouts.deleteMany(scope, { _id: id }, session);
  }

  /** What nobody works at, longest waiting first. */
  async waiting(at: Date, limit: number): Promise<Pick<Rollout, "_id" | "organizationId">[]> {
    const projection = { _id: 1, organizationId: 1 } as const;
    return this.#all.find({ leaseUntil: { $lte: at } }, { projection, sort: { leaseUntil: 1 }, limit }).toArray();
  }

  /** Takes it for a while, outside of any transaction. @returns whether it was free still. */
  async claim(scope: OrganizationScope, id: string, at: Date, until: Date): Promise<boolean> {
    const free = { _id: id, leaseUntil: { $lte: at } };
    return (await this.#rollouts.updateOne(scope, free, { $set: { leaseUntil: until } })).matched === 1;
  }
}
