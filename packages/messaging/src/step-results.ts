import type { StepResult } from "@cadenza/contracts";
import type { Database, Session, TenantCollection } from "@cadenza/storage";
import { organizationScope } from "@cadenza/storage";

type StoredResult = { _id: string; organizationId: string; result: StepResult };

/** What each command key led to. The key begins with the run's id, so keys of old runs can be removed by `_id` alone. */
export class StepResults {
  readonly #results: TenantCollection<StoredResult>;

  constructor(database: Database) {
    this.#results = database.tenant<StoredResult>("stepResults");
  }

  async recall(organizationId: string, keys: readonly string[], session: Session): Promise<Map<string, StepResult>> {
    if (keys.length === 0) return new Map();
    const stored = await this.#results.find(
      organizationScope(organizationId),
      { _id: { $in: [...keys] } },
      {},
      session,
    );
    return new Map(stored.map(({ _id, result }) => [_id, result]));
  }

  /** A key has one result for ever: the first. */
  async remember(organizationId: string, results: readonly StepResult[], session: Session): Promise<void> {
    const documents = results.map((result) => ({ _id: result.key, organizationId, result }));
    await this.#results.insertMany(organizationScope(organizationId), documents, session);
  }
}
