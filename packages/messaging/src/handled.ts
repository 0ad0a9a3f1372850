import type { Collection, Database, Session } from "@cadenza/storage";
import { realClock } from "@cadenza/platform";
import type { Envelope } from "./envelope.ts";

type HandledDocument = { _id: string; at: Date };

/** Which envelopes a durable consumer has had its effect from. */
export class HandledKeys {
  readonly #handled: Collection<HandledDocument>;
  readonly #durable: string;

  constructor(database: Database, durable: string) {
    this.#handled = database.system("handled", "Envelopes are handled once each, whatever their organization.");
    this.#durable = durable;
  }

  /** Those of `envelopes` that were not handled before, once each; they are noted as handled in this transaction. */
  async claim<E extends Envelope>(envelopes: readonly E[], session: Session): Promise<E[]> {
    const unique = [...new Map(envelopes.map((envelope) => [envelope.id, envelope])).values()];
    const seen = await this.#handled
      .find({ _id: { $in: unique.flatMap((envelope) => this.#keysOf(envelope)) } }, { session })
      .toArray();
    const keys = new Set(seen.map(({ _id }) => _id));
    const fresh = unique
      .filter((envelope) => !keys.has(this.#keyOf(envelope.id)))
      .map((envelope) => withoutHandledItems(envelope, (index) => keys.has(this.#keyOf(`${envelope.id}:${index}`))));
    await this.note(fresh, session);
    return fresh.filter((envelope) => envelope.items.length > 0);
  }

  async note(envelopes: readonly Envelope[], session: Session): Promise<void> {
    if (envelopes.length === 0) return;
    const at = realClock.now();
    await this.#handled.insertMany(
      envelopes.map(({ id }) => ({ _id: this.#keyOf(id), at })),
      { session, ordered: false },
    );
  }

  /** An envelope's own key, and those of its items, which stand alone after a failure. */
  #keysOf(envelope: Envelope): string[] {
    if (envelope.items.length < 2) return [this.#keyOf(envelope.id), this.#keyOf(`${envelope.id}:0`)];
    return [this.#keyOf(envelope.id), ...envelope.items.map((_, index) => this.#keyOf(`${envelope.id}:${index}`))];
  }

  #keyOf(id: string): string {
    return `${this.#durable}:${id}`;
  }
}

function withoutHandledItems<E extends Envelope>(envelope: E, isHandled: (index: number) => boolean): E {
  const items = envelope.items.filter((_, index) => !isHandled(index));
  return items.length === envelope.items.length ? envelope : { ...envelope, items };
}
