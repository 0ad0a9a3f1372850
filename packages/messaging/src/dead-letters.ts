import { newId, realClock } from "@cadenza/platform";
import type { Collection } from "@cadenza/storage";
import type { Committer } from "./committer.ts";
import type { Envelope } from "./envelope.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** An item that no try could handle, with the last error; a person decides (REL-6). */
export type DeadLetter = {
  _id: string;
  durable: string;
  organizationId: string | null;
  kind: string | null;
  body: string;
  error: string;
  at: Date;
};

export class DeadLetters {
  readonly #letters: Collection<DeadLetter>;

  constructor(committer: Committer) {
    this.#letters = committer.database.system("deadLetters", "Operators look at what failed in all organizations.");
  }

  async store(durable: string, envelope: Envelope, error: string, unit: UnitOfWork): Promise<void> {
    const at = realClock.now();
    await this.#letters.insertOne(
      {
        _id: newId(at),
        durable,
        organizationId: envelope.organizationId,
        kind: envelope.kind,
        body: JSON.stringify(envelope),
        error,
        at,
      },
      { session: unit.session },
    );
  }

  /** What is not even an envelope. */
  async storeRaw(durable: string, body: string, error: string): Promise<void> {
    const at = realClock.now();
    await this.#letters.insertOne({ _id: newId(at), durable, organizationId: null, kind: null, body, error, at });
  }
}
