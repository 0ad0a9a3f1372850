/** What takes turns: one account of one organization. */
export type Turn = { readonly organizationId: string };

/**
 * Who is next (SND-4): organizations take turns, and within each its accounts. Deficit round robin with every message
 * costing one and a quantum of one, which leaves no deficit to remember. What has nothing to send is not in the ring.
 */
export class Turns<T extends Turn> {
  readonly #rings = new Map<string, Set<T>>();

  /** Puts it at the end of its organization's ring, unless it waits there already. */
  offer(entry: T): void {
    const ring = this.#rings.get(entry.organizationId);
    if (ring) ring.add(entry);
    else this.#rings.set(entry.organizationId, new Set([entry]));
  }

  /** The next one that `canSend`, moved to the end of the rings; those that cannot leave them. Null where none can. */
  next(canSend: (entry: T) => boolean): T | null {
    for (const [organizationId, ring] of this.#rings) {
      this.#rings.delete(organizationId);
      for (const entry of ring) {
        ring.delete(entry);
        if (!canSend(entry)) continue;
        ring.add(entry);
        this.#rings.set(organizationId, ring);
        return entry;
      }
    }
    return null;
  }
}
