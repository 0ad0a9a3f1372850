import { createHash } from "node:crypto";
import type { Database, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import { checkText } from "./input/check-text.ts";
import { type UserError, userError } from "./user-error.ts";

const COLLECTION = "idempotencyKeys";
const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEY_LENGTH = 200;

type KeyDocument = {
  _id: string;
  organizationId: string;
  inputHash: string;
  answer: unknown;
  createdAt: Date;
  expiresAt: Date;
};

/** To be created with the service's own indexes. */
export const IDEMPOTENCY_INDEXES: readonly IndexDefinition[] = [
  { collection: COLLECTION, key: { expiresAt: 1 }, options: { expireAfterSeconds: 0, name: "expiry" } },
];

export type IdempotentCall = {
  /** The mutation's name: the same key for another mutation counts as another input. */
  operation: string;
  /** The caller's key; without one the work is simply done. */
  key: string | null | undefined;
  /** The whole input; the key in it does no harm. */
  input: unknown;
  /** By the injected clock. */
  at: Date;
};

/** What mutations with an `idempotencyKey` answered, for 24 hours, by organization. */
export class IdempotencyKeys {
  readonly #keys: TenantCollection<KeyDocument>;

  constructor(database: Database) {
    this.#keys = database.tenant(COLLECTION);
  }

  /**
   * Does `work` unless the same call was answered before, and remembers its answer in the same transaction. The answer is
   * stored, so let it be small: the id of what was made.
   * @returns the first call's answer, or the user error IDEMPOTENCY_KEY_REUSED where the input differs.
   * @throws BAD_USER_INPUT for a key of more than 200 characters.
   */
  async once<T>(
    scope: OrganizationScope,
    call: IdempotentCall,
    session: Session,
    work: () => Promise<T>,
  ): Promise<{ answer: T } | { userError: UserError }> {
    if (call.key === null || call.key === undefined) return { answer: await work() };
    checkText(call.key, ["input", "idempotencyKey"], { max: MAX_KEY_LENGTH, min: 1 });
    const id = inputHash([scope.organizationId, call.key]);
    const given = inputHash([call.operation, call.input]);
    const known = await this.#keys.findOne(scope, { _id: id }, session);
    if (known && known.expiresAt > call.at) {
      if (known.inputHash === given) return { answer: known.answer as T };
      return {
        userError: userError("IDEMPOTENCY_KEY_REUSED", "This idempotency key was used with another input.", [
          "input",
          "idempotencyKey",
        ]),
      };
    }
    const answer = await work();
    const expiresAt = new Date(call.at.getTime() + KEPT_MS);
    await this.#keys.updateOne(
      scope,
      { _id: id },
      { $set: { inputHash: given, answer, createdAt: call.at, expiresAt } },
      session,
      { upsert: true },
    );
    return { answer };
  }
}

/** Tells whether two inputs are the same, whatever the order of their keys. */
export function inputHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, withSortedKeys)).digest("base64url");
}

/** The order of keys in an input says nothing. */
function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
