/** Parsed templates weigh a few times their source; this keeps the sources of what is kept under 20 million characters. */
const MAX_WEIGHT = 20_000_000;

/** What was used last stays, up to a total length of sources. */
export class TemplateCache<T> {
  readonly #entries = new Map<string, T>();
  #weight = 0;

  get(source: string, make: () => T): T {
    const known = this.#entries.get(source);
    if (known !== undefined) {
      this.#entries.delete(source);
      this.#entries.set(source, known);
      return known;
    }
    const made = make();
    this.#entries.set(source, made);
    this.#weight += source.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= MAX_WEIGHT) break;
      this.#entries.delete(oldest);
      this.#weight -= oldest.length;
    }
    return made;
  }
}
