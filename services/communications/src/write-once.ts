import type { Committer, UnitOfWork } from "@cadenza/messaging";
import type { OrganizationScope, Session } from "@cadenza/storage";
import type { IdempotencyKeys, IdempotentCall, UserError } from "@cadenza/subgraph";
import { type Answer, done, refused } from "./answer.ts";

/** Leaves the transaction without a trace, so that the idempotency key stays free. */
class NotWrittenError extends Error {
  readonly userError: UserError;

  constructor(userError: UserError) {
    super(userError.code);
    this.name = "NotWrittenError";
    this.userError = userError;
  }
}

export type OnceOptions<T> = {
  call: IdempotentCall;
  /** Only asked where no earlier call wrote; it answers with the id of what it has written. */
  write: (unit: UnitOfWork) => Promise<Answer<string>>;
  /** What this call or an earlier one wrote, as it is now. */
  find: (id: string, session: Session) => Promise<T | null | undefined>;
};

/**
 * Writes in one transaction unless the same call did before. A refusal is no answer to remember: what is put right may be
 * tried again under the same key.
 */
export async function writeOnce<T>(
  { committer, idempotency }: { committer: Committer; idempotency: IdempotencyKeys },
  scope: OrganizationScope,
  { call, write, find }: OnceOptions<T>,
): Promise<Answer<T>> {
  try {
    return await committer.commit(async (unit) => {
      const outcome = await idempotency.once(scope, call, unit.session, async () => {
        const written = await write(unit);
        if (!written.ok) throw new NotWrittenError(written.userError);
        return written.value;
      });
      if ("userError" in outcome) return { ok: false, userError: outcome.userError };
      const found = await find(outcome.answer, unit.session);
      return found ? done(found) : refused("NOT_FOUND", "What this idempotency key made is gone.");
    });
  } catch (error) {
    if (error instanceof NotWrittenError) return { ok: false, userError: error.userError };
    throw error;
  }
}
