import type { Collation } from "@cadenza/storage";

/** Finds names whatever their case, with an index of the same collation. */
export const ANY_CASE: Collation = { locale: "en", strength: 2 };

/** What two spellings of one name have in common. */
export function nameKey(name: string): string {
  return name.trim().normalize("NFKC").toLowerCase();
}
