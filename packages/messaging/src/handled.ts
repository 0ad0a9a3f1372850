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
    const keys = await this.#seen(
      unique.flatMap(({ id }) => [this.#keyOf(id), this.#keyOf(splitOf(id))]),
      session,
    );
    const split = unique.filter(({ id }) => keys.has(this.#keyOf(splitOf(id))));
    const itemKeys = split.flatMap(({ id, items }) => items.map((_, index) => this.#keyOf(`${id}:${index}`)));
    for (const key of await this.#seen(itemKeys, session)) keys.add(key);
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

  /** From here on the items of this envelope are handled one by one: whoever meets it again looks for each. */
  async noteSplit({ id }: Envelope): Promise<void> {
    const at = realClock.now();
    await this.#handled.updateOne({ _id: this.#keyOf(splitOf(id)) }, { $setOnInsert: { at } }, { upsert: true });
  }

  async #seen(keys: readonly string[], session: Session): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    const found = await this.#handled.find({ _id: { $in: [...keys] } }, { session }).toArray();
    return new Set(found.map(({ _id }) => _id));
  }

  #keyOf(id: string): string {
    return `${this.#durable}:${id}`;
  }
}

function splitOf(id: string): string {
  return `${id}:split`;
}

function withoutHandledItems<E extends Envelope>(envelope: E, isHandled: (index: number) => boolean): E {
  const items = envelope.items.filter((_, index) => !isHandled(index));
  return items.length === envelope.items.length ? envelope : { ...envelope, items };
}
