/** What two spellings of one name have in common. */
export function nameKey(name: string): string {
  return name.trim().normalize("NFKC").toLowerCase();
}
